//! WebP, in and out.

use webpx::{Decoder, DecoderConfig, EncoderConfig, Unstoppable};

use super::gif::Canvas;
use super::orientation::Orientation;
use super::pixels::Pixels;
use super::sizes::Size;
use super::{Limits, Outline, Rejection};

/// What photos need to show no damage at a glance; the JPEGs beside them use the same.
const QUALITY: f32 = 80.0;

/// Of 0 to 6, the encoder's effort: its own default.
const METHOD: u8 = 4;

/// What the chunks of a whole file say.
pub(super) struct Header<'a> {
    pub(super) outline: Outline,
    /// The file without what follows it.
    file: &'a [u8],
    first_frame: Option<Frame<'a>>,
}

struct Frame<'a> {
    left: u32,
    top: u32,
    size: Size,
    chunks: &'a [u8],
}

impl<'a> Header<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Rejection> {
        let length = bytes.get(4..8).and_then(number).ok_or(Rejection::Truncated)?;
        let file = usize::try_from(length).ok().and_then(|length| bytes.get(..length.checked_add(8)?));
        let file = file.ok_or(Rejection::Truncated)?;

        let mut canvas = None;
        let mut bare = None;
        let mut first_frame = None;
        let mut orientation = Orientation::Upright;
        let mut chunks = Chunks(file.get(12..).ok_or(Rejection::Unreadable)?);
        while let Some((kind, data)) = chunks.next()? {
            match kind {
                b"VP8X" => canvas = Some(Size { width: plus_one(data, 4)?, height: plus_one(data, 7)? }),
                b"VP8 " | b"VP8L" => bare = bare.or(Some(bitstream_size(kind, data)?)),
                b"ANMF" if first_frame.is_none() => first_frame = Some(Frame::read(data)?),
                b"EXIF" => orientation = Orientation::read(data),
                _ => {}
            }
        }
        // A file of both kinds is read as the picture it also is.
        let first_frame = if bare.is_some() { None } else { first_frame };
        if bare.is_none() && first_frame.is_none() {
            return Err(Rejection::Unreadable);
        }
        let size = canvas.or(bare).ok_or(Rejection::Unreadable)?;
        Ok(Self { outline: Outline { size, orientation }, file, first_frame })
    }
}

impl<'a> Frame<'a> {
    fn read(data: &'a [u8]) -> Result<Self, Rejection> {
        let left = 2 * number24(data, 0)?;
        let top = 2 * number24(data, 3)?;
        let size = Size { width: plus_one(data, 6)?, height: plus_one(data, 9)? };
        let chunks = data.get(16..).ok_or(Rejection::Unreadable)?;
        Ok(Self { left, top, size, chunks })
    }

    /// The frame as a file of its own, which is what a decoder of still pictures reads.
    fn into_file(self) -> Result<Vec<u8>, Rejection> {
        let mut alpha = None;
        let mut picture = None;
        let mut chunks = Chunks(self.chunks);
        while let Some((kind, data)) = chunks.next()? {
            match kind {
                b"ALPH" => alpha = Some(data),
                b"VP8 " | b"VP8L" => {
                    if bitstream_size(kind, data)? != self.size {
                        return Err(Rejection::Unreadable);
                    }
                    picture = Some((kind, data));
                }
                _ => {}
            }
        }
        let (kind, data) = picture.ok_or(Rejection::Unreadable)?;
        let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
        if let Some(alpha) = alpha.filter(|_| kind == b"VP8 ") {
            let [w0, w1, w2, _] = (self.size.width - 1).to_le_bytes();
            let [h0, h1, h2, _] = (self.size.height - 1).to_le_bytes();
            push_chunk(&mut file, b"VP8X", &[0x10, 0, 0, 0, w0, w1, w2, h0, h1, h2])?;
            push_chunk(&mut file, b"ALPH", alpha)?;
        }
        push_chunk(&mut file, kind, data)?;
        let length = u32::try_from(file.len() - 8).map_err(|_| Rejection::TooLarge)?;
        file[4..8].copy_from_slice(&length.to_le_bytes());
        Ok(file)
    }
}

struct Chunks<'a>(&'a [u8]);

/// A kind and what is in it.
type Chunk<'a> = (&'a [u8; 4], &'a [u8]);

impl<'a> Chunks<'a> {
    fn next(&mut self) -> Result<Option<Chunk<'a>>, Rejection> {
        // One stray byte is the padding that some writers count and some do not.
        if self.0.len() < 2 {
            return Ok(None);
        }
        let (kind, tail) = self.0.split_first_chunk().ok_or(Rejection::Truncated)?;
        let (length, tail) = tail.split_first_chunk().ok_or(Rejection::Truncated)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| Rejection::Truncated)?;
        let (data, tail) = tail.split_at_checked(length).ok_or(Rejection::Truncated)?;
        self.0 = tail.get(length % 2..).unwrap_or_default();
        Ok(Some((kind, data)))
    }
}

fn push_chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) -> Result<(), Rejection> {
    let length = u32::try_from(data.len()).map_err(|_| Rejection::TooLarge)?;
    file.extend_from_slice(kind);
    file.extend_from_slice(&length.to_le_bytes());
    file.extend_from_slice(data);
    if length % 2 == 1 {
        file.push(0);
    }
    Ok(())
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.try_into().ok().map(u32::from_le_bytes)
}

fn number24(data: &[u8], at: usize) -> Result<u32, Rejection> {
    match data.get(at..at + 3) {
        Some(&[low, middle, high]) => Ok(u32::from_le_bytes([low, middle, high, 0])),
        _ => Err(Rejection::Unreadable),
    }
}

fn plus_one(data: &[u8], at: usize) -> Result<u32, Rejection> {
    Ok(number24(data, at)? + 1)
}

fn bitstream_size(kind: &[u8; 4], data: &[u8]) -> Result<Size, Rejection> {
    match (kind, data) {
        (b"VP8 ", &[_, _, _, 0x9D, 0x01, 0x2A, w0, w1, h0, h1, ..]) => {
            let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
            Ok(Size { width: side(w0, w1), height: side(h0, h1) })
        }
        (b"VP8L", &[0x2F, b0, b1, b2, b3, ..]) => {
            let bits = u32::from_le_bytes([b0, b1, b2, b3]);
            Ok(Size { width: (bits & 0x3FFF) + 1, height: (bits >> 14 & 0x3FFF) + 1 })
        }
        _ => Err(Rejection::Unreadable),
    }
}

pub(super) fn decode(header: Header<'_>, wanted: Size, limits: &Limits) -> Result<Pixels, Rejection> {
    let size = header.outline.size;
    let Some(frame) = header.first_frame else {
        return decode_still(header.file, size, wanted, limits);
    };
    if size.area() * 4 > limits.max_decoded_bytes {
        return Err(Rejection::TooLarge);
    }
    // The canvas is within the limits, and a frame has to be within the canvas.
    let fits = |from: u32, length: u32, end: u32| from.checked_add(length).is_some_and(|to| to <= end);
    if !fits(frame.left, frame.size.width, size.width) || !fits(frame.top, frame.size.height, size.height) {
        return Err(Rejection::Unreadable);
    }
    let canvas = Canvas { size, left: frame.left as usize, top: frame.top as usize };
    let frame_size = frame.size;
    let picture = decode_still(&frame.into_file()?, frame_size, frame_size, limits)?;
    if frame_size == size {
        return Ok(picture);
    }
    let Size { width, height } = frame_size;
    canvas.paint(&picture.with_alpha().bytes, width as usize, height as usize)
}

/// Libwebp averages on the way where the result is to be less than half as large; otherwise it
/// writes straight to the buffer.
fn decode_still(file: &[u8], size: Size, wanted: Size, limits: &Limits) -> Result<Pixels, Rejection> {
    let unreadable = |_| Rejection::Unreadable;
    let decoder = Decoder::new(file).map_err(|_| Rejection::Unreadable)?;
    let info = decoder.info();
    if (info.width, info.height) != (size.width, size.height) {
        return Err(Rejection::Unreadable);
    }
    let alpha = info.has_alpha;
    let channels: u32 = if alpha { 4 } else { 3 };
    if size.area() * u64::from(channels) > limits.max_decoded_bytes {
        return Err(Rejection::TooLarge);
    }
    // The limits are checked here, and not a second time against other numbers there.
    let decoder = decoder.config(DecoderConfig::new().limits(webpx::Limits::none()));

    let by = size.shrinks_to(wanted);
    if by > 1 {
        let size = size.divided(by);
        let decoder = decoder.scale(size.width, size.height);
        let (bytes, ..) =
            if alpha { decoder.decode_rgba_raw() } else { decoder.decode_rgb_raw() }.map_err(unreadable)?;
        return Ok(Pixels { size, alpha, bytes });
    }
    let stride = size.width * channels;
    let mut bytes = vec![0; stride as usize * size.height as usize];
    if alpha { decoder.decode_rgba_into(&mut bytes, stride) } else { decoder.decode_rgb_into(&mut bytes, stride) }
        .map_err(unreadable)?;
    Ok(Pixels { size, alpha, bytes })
}

pub(super) fn encode(picture: &Pixels) -> Result<Vec<u8>, Rejection> {
    let Size { width, height } = picture.size;
    let encoder = EncoderConfig::new().quality(QUALITY).method(METHOD);
    if picture.alpha {
        encoder.encode_rgba(&picture.bytes, width, height, Unstoppable)
    } else {
        encoder.encode_rgb(&picture.bytes, width, height, Unstoppable)
    }
    .map_err(|_| Rejection::Unreadable)
}
