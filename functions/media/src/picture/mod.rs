//! A member's picture made safe and small: checked, turned upright, stripped, resized, re-encoded.
//!
//! Nothing of the file that came in reaches the files that go out except its pixels. A colour
//! profile is dropped with the rest: the pixels are taken to be sRGB, which shows a wide-gamut
//! photo a little paler than it was taken.

mod gif;
mod jpeg;
mod orientation;
mod pixels;
mod placeholder;
mod png;
mod resize;
mod sizes;
mod webp;

#[cfg(test)]
mod tests;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use orientation::Orientation;
use pixels::Pixels;
use resize::Resizer;
use sizes::Size;

/// What a picture may claim to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JPEG: baseline or progressive; colour, grey or CMYK.
    Jpeg,
    /// PNG, of an APNG the default image.
    Png,
    /// WebP: lossy or lossless, of an animation the first frame.
    WebP,
    /// GIF, of an animation the first frame.
    Gif,
}

impl Format {
    /// Every format, for those who list them.
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::WebP, Self::Gif];

    /// The media type, as in a `Content-Type` header.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
        }
    }

    /// The format of a media type, whatever its case; parameters are not expected.
    #[must_use]
    pub fn from_content_type(content_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| content_type.eq_ignore_ascii_case(format.content_type()))
    }

    /// The first bytes of every such file; `None` stands for any byte.
    fn magic(self) -> &'static [Option<u8>] {
        const JPEG: [Option<u8>; 3] = [Some(0xFF), Some(0xD8), Some(0xFF)];
        const PNG: [Option<u8>; 8] = spell(b"\x89PNG\r\n\x1A\n");
        const WEBP: [Option<u8>; 12] = spell(b"RIFF????WEBP");
        const GIF: [Option<u8>; 6] = spell(b"GIF8?a");
        match self {
            Self::Jpeg => &JPEG,
            Self::Png => &PNG,
            Self::WebP => &WEBP,
            Self::Gif => &GIF,
        }
    }

    fn check(self, bytes: &[u8]) -> Result<(), Rejection> {
        let magic = self.magic();
        let begins = bytes.iter().zip(magic).all(|(byte, wanted)| wanted.is_none_or(|wanted| wanted == *byte));
        match (begins, bytes.len() < magic.len()) {
            (false, _) => Err(Rejection::NotThisFormat),
            (true, true) => Err(Rejection::Truncated),
            (true, false) => Ok(()),
        }
    }
}

const fn spell<const N: usize>(pattern: &[u8; N]) -> [Option<u8>; N] {
    let mut magic = [None; N];
    let mut at = 0;
    while at < N {
        if pattern[at] != b'?' {
            magic[at] = Some(pattern[at]);
        }
        at += 1;
    }
    magic
}

/// What a picture may cost, checked against its header before anything is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The length of the file.
    pub max_bytes: usize,
    /// Width times height.
    pub max_pixels: u64,
    /// What the decoded picture may take in memory. A JPEG is decoded at a fraction of its size
    /// where that suffices, and only that fraction is counted.
    pub max_decoded_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 20_000_000, max_pixels: 50_000_000, max_decoded_bytes: 100_000_000 }
    }
}

/// The file format of a [`Rendition`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenditionKind {
    /// For browsers, which have all read it for years; keeps transparency.
    WebP,
    /// For everything else; transparency becomes white.
    Jpeg,
}

impl RenditionKind {
    /// The media type, as in a `Content-Type` header.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::WebP => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// How names of such files end, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::WebP => "webp",
            Self::Jpeg => "jpg",
        }
    }
}

/// One size of the picture in one file format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendition {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// The file format.
    pub kind: RenditionKind,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// What became of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Optimized {
    /// Of the original, held upright.
    pub width: u32,
    /// Of the original, held upright.
    pub height: u32,
    /// A thumbhash in base64: some 25 bytes that draw a blur to look at while the picture loads.
    pub placeholder: String,
    /// Largest first; of one size the WebP before the JPEG.
    pub renditions: Vec<Rendition>,
}

/// Why a picture was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The first bytes belong to another format than was claimed.
    NotThisFormat,
    /// The file ends before the picture does, or part of the picture is lost in it.
    Truncated,
    /// Width times height is over the limit.
    TooManyPixels,
    /// The file, or the memory to decode it, is over the limit.
    TooLarge,
    /// Of the right format, but damaged or of an unsupported kind.
    Unreadable,
}

impl Rejection {
    /// A stable name for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotThisFormat => "not_this_format",
            Self::Truncated => "truncated",
            Self::TooManyPixels => "too_many_pixels",
            Self::TooLarge => "too_large",
            Self::Unreadable => "unreadable",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotThisFormat => "the file is not of the format it claims to be",
            Self::Truncated => "the file is incomplete",
            Self::TooManyPixels => "the picture has too many pixels",
            Self::TooLarge => "the picture is too large",
            Self::Unreadable => "the picture cannot be read",
        })
    }
}

impl std::error::Error for Rejection {}

/// What is made of a picture.
#[derive(Clone, Copy)]
struct Making {
    /// The sizes of an upright picture, largest first.
    sizes: fn(Size) -> Vec<Size>,
    /// The file formats of each size.
    kinds: &'static [RenditionKind],
}

/// Renditions for everybody.
const PUBLIC: Making = Making { sizes: sizes::plan, kinds: &[RenditionKind::WebP, RenditionKind::Jpeg] };
/// What a room gets: every client reads a JPEG.
const MESSAGE: Making = Making { sizes: sizes::of_message, kinds: &[RenditionKind::Jpeg] };

/// What a file says of itself before it is decoded.
#[derive(Debug)]
struct Outline {
    /// As stored, that is before `orientation` is applied.
    size: Size,
    orientation: Orientation,
}

/// Checks a picture and makes its renditions.
///
/// # Errors
///
/// A [`Rejection`] for any file that is not a whole, reasonable picture of the claimed format.
/// Hostile input ends there too: a decoder's panic does not get past this function.
pub fn optimize(bytes: &[u8], claimed: Format, limits: &Limits) -> Result<Optimized, Rejection> {
    caught(bytes, claimed, limits, PUBLIC)
}

/// Checks a picture of a message, and makes two JPEGs of it: the one that is kept, of at most 2560 pixels a side, and a
/// thumbnail within 400 × 300 (row M3).
///
/// # Errors
///
/// As [`optimize`].
pub fn for_message(bytes: &[u8], claimed: Format, limits: &Limits) -> Result<Optimized, Rejection> {
    caught(bytes, claimed, limits, MESSAGE)
}

fn caught(bytes: &[u8], claimed: Format, limits: &Limits, making: Making) -> Result<Optimized, Rejection> {
    // Everything the closure touches is dropped with it, so nothing half-done is seen afterwards.
    catch_unwind(AssertUnwindSafe(|| run(bytes, claimed, limits, making))).unwrap_or(Err(Rejection::Unreadable))
}

fn run(bytes: &[u8], claimed: Format, limits: &Limits, making: Making) -> Result<Optimized, Rejection> {
    if bytes.len() > limits.max_bytes {
        return Err(Rejection::TooLarge);
    }
    claimed.check(bytes)?;
    let mut resizer = Resizer::new();

    let (stored, orientation, sizes, picture) = match claimed {
        Format::Jpeg => {
            let header = jpeg::Header::read(bytes)?;
            let (sizes, wanted) = plan(&header.outline, limits, making)?;
            let picture = jpeg::decode(bytes, &header, wanted, limits, &mut resizer)?;
            (header.outline.size, header.outline.orientation, sizes, picture)
        }
        Format::Png => {
            let header = png::Header::read(bytes)?;
            let (sizes, wanted) = plan(&header.outline, limits, making)?;
            let picture = png::decode(bytes, &header, wanted, limits)?;
            (header.outline.size, header.outline.orientation, sizes, picture)
        }
        Format::WebP => {
            let header = webp::Header::read(bytes)?;
            let (sizes, wanted) = plan(&header.outline, limits, making)?;
            let Outline { size, orientation } = header.outline;
            (size, orientation, sizes, webp::decode(header, wanted, limits)?)
        }
        Format::Gif => {
            let header = gif::Header::read(bytes, limits)?;
            let (sizes, _) = plan(&header.outline, limits, making)?;
            let picture = gif::decode(bytes, &header, limits)?;
            (header.outline.size, header.outline.orientation, sizes, picture)
        }
    };
    render(picture, stored.turned(orientation), orientation, (&sizes, making.kinds), &mut resizer)
}

/// The sizes to make, largest first, and the largest of them as the file stores it: what a
/// decoder must deliver at least.
fn plan(outline: &Outline, limits: &Limits, making: Making) -> Result<(Vec<Size>, Size), Rejection> {
    let Size { width, height } = outline.size;
    if width == 0 || height == 0 {
        return Err(Rejection::Unreadable);
    }
    if outline.size.area() > limits.max_pixels {
        return Err(Rejection::TooManyPixels);
    }
    let sizes = (making.sizes)(outline.size.turned(outline.orientation));
    let wanted = sizes.first().ok_or(Rejection::Unreadable)?.turned(outline.orientation);
    Ok((sizes, wanted))
}

fn render(
    picture: Pixels,
    upright: Size,
    orientation: Orientation,
    (sizes, kinds): (&[Size], &[RenditionKind]),
    resizer: &mut Resizer,
) -> Result<Optimized, Rejection> {
    let mut renditions = Vec::with_capacity(kinds.len() * sizes.len());
    let mut current = picture.without_needless_alpha();
    for (step, size) in sizes.iter().enumerate() {
        // Each size is made from the one before; turning comes after the first reduction, when
        // there are fewer pixels to move.
        if step == 0 {
            current = resizer.to(current, size.turned(orientation))?.turned(orientation);
        } else {
            current = resizer.to(current, *size)?;
        }
        let Size { width, height } = *size;
        for &kind in kinds {
            let bytes = match kind {
                RenditionKind::WebP => webp::encode(&current)?,
                RenditionKind::Jpeg => jpeg::encode(&current)?,
            };
            renditions.push(Rendition { width, height, kind, bytes });
        }
    }
    let placeholder = placeholder::of(current, resizer)?;
    Ok(Optimized { width: upright.width, height: upright.height, placeholder, renditions })
}
