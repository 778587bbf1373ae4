//! JPEG, in and out.
//!
//! Libjpeg makes up what it does not find: a file that stops half-way becomes a picture that is
//! grey below. Here a reader that has no more bytes, and a warning while pixels are decoded, are
//! errors. Libjpeg reports errors by unwinding out of C, which ends in [`decode`] and [`encode`].

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;

use mozjpeg::{ColorSpace, Compress, Decompress};
use mozjpeg_sys::{jpeg_common_struct, jpeg_error_mgr};

use super::orientation::Orientation;
use super::pixels::Pixels;
use super::resize::Resizer;
use super::sizes::Size;
use super::{Limits, Outline, Rejection};

/// As for WebP.
const QUALITY: f32 = 80.0;

/// Ten are usual. Each costs a walk over the whole picture however few bytes it takes, so a small
/// file of thousands would keep a machine busy for minutes.
const MOST_SCANS: usize = 64;

/// How many rows are decoded at a time: enough that setting up the filter for each does not count.
const STRIP: usize = 256;

/// What the segments before the pixels say.
pub(super) struct Header {
    pub(super) outline: Outline,
    /// Written by Adobe software, which stores CMYK inverted.
    adobe: bool,
    /// The scans repeat over the picture, and libjpeg keeps all coefficients until the last.
    many_scans: bool,
    /// What the coefficients take, if they are kept.
    coefficient_bytes: u64,
}

struct Frame {
    size: Size,
    progressive: bool,
    components: usize,
    coefficient_bytes: u64,
}

impl Header {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Rejection> {
        let mut segments = Segments { bytes, at: 2 };
        let mut frame: Option<Frame> = None;
        let mut orientation = None;
        let mut adobe = false;
        loop {
            let (marker, data) = segments.next()?;
            match marker {
                0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                    if frame.is_some() {
                        return Err(Rejection::Unreadable);
                    }
                    frame = Some(Frame::read(marker, data)?);
                }
                0xE1 if orientation.is_none() => {
                    orientation = data.strip_prefix(b"Exif\0\0").map(Orientation::read);
                }
                0xEE => adobe |= data.starts_with(b"Adobe"),
                0xDA => {
                    let frame = frame.ok_or(Rejection::Unreadable)?;
                    let components = data.first().copied().ok_or(Rejection::Unreadable)?;
                    let many_scans = usize::from(components) < frame.components || frame.progressive;
                    if many_scans && segments.count_scans() > MOST_SCANS {
                        return Err(Rejection::Unreadable);
                    }
                    return Ok(Self {
                        outline: Outline { size: frame.size, orientation: orientation.unwrap_or_default() },
                        adobe,
                        many_scans,
                        coefficient_bytes: frame.coefficient_bytes,
                    });
                }
                0xD9 => return Err(Rejection::Unreadable),
                _ => {}
            }
        }
    }
}

impl Frame {
    fn read(marker: u8, data: &[u8]) -> Result<Self, Rejection> {
        let &[_, h0, h1, w0, w1, count, ref components @ ..] = data else {
            return Err(Rejection::Unreadable);
        };
        let components = components.get(..3 * usize::from(count)).ok_or(Rejection::Unreadable)?;
        let side = |high, low| u32::from(u16::from_be_bytes([high, low]));
        let size = Size { width: side(w0, w1), height: side(h0, h1) };

        let factors = components.as_chunks::<3>().0.iter().map(|[_, factors, _]| (factors >> 4, factors & 15));
        let (mut widest, mut highest, mut samples) = (1, 1, 0);
        for (horizontal, vertical) in factors {
            widest = widest.max(horizontal);
            highest = highest.max(vertical);
            samples += u64::from(horizontal) * u64::from(vertical);
        }
        // Two bytes each.
        let coefficient_bytes = 2 * size.area() * samples / (u64::from(widest) * u64::from(highest));
        let progressive = matches!(marker, 0xC2 | 0xC6 | 0xCA | 0xCE);
        Ok(Self { size, progressive, components: count.into(), coefficient_bytes })
    }
}

struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Segments<'a> {
    fn byte(&mut self) -> Result<u8, Rejection> {
        let byte = self.bytes.get(self.at).copied().ok_or(Rejection::Truncated)?;
        self.at += 1;
        Ok(byte)
    }

    /// The next marker and what belongs to it. As libjpeg does, skips what stands between.
    fn next(&mut self) -> Result<(u8, &'a [u8]), Rejection> {
        loop {
            while self.byte()? != 0xFF {}
            let mut marker = self.byte()?;
            while marker == 0xFF {
                marker = self.byte()?;
            }
            if matches!(marker, 0 | 1 | 0xD0..=0xD8) {
                continue;
            }
            if marker == 0xD9 {
                return Ok((marker, &[]));
            }
            let length = usize::from(u16::from_be_bytes([self.byte()?, self.byte()?]));
            let data = length.checked_sub(2).ok_or(Rejection::Unreadable)?;
            let data = self.bytes.get(self.at..self.at + data).ok_or(Rejection::Truncated)?;
            self.at += data.len();
            return Ok((marker, data));
        }
    }

    /// This scan and those that follow. Where the file breaks off does not matter here.
    fn count_scans(&mut self) -> usize {
        let mut scans = 1;
        while let Ok((marker, _)) = self.next() {
            match marker {
                0xDA => scans += 1,
                0xD9 => break,
                _ => {}
            }
        }
        scans
    }
}

/// A reader that knows whether more was asked of it than there is.
struct Source<'a> {
    rest: &'a [u8],
    exhausted: &'a Cell<bool>,
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.rest.is_empty() {
            self.exhausted.set(true);
            // Not `UnexpectedEof`: in place of that, the wrapper would invent an end of the picture.
            return Err(io::ErrorKind::Other.into());
        }
        Ok(self.rest)
    }

    fn consume(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }
}

thread_local! {
    /// Whether a warning ends the decoding. Libjpeg's callbacks have no other place to look.
    static STRICT: Cell<bool> = const { Cell::new(false) };
}

/// What is thrown through libjpeg.
enum Thrown {
    /// A warning: data is missing or garbled, and was replaced.
    Lost,
    /// An error of which libjpeg knows no way on.
    Fatal,
}

extern "C-unwind" fn on_error(_: &mut jpeg_common_struct) {
    // Unlike a panic, this prints nothing: a bad picture is no news.
    resume_unwind(Box::new(Thrown::Fatal));
}

extern "C-unwind" fn on_message(_: &mut jpeg_common_struct, level: i32) {
    // Everything from zero up only traces progress.
    if level < 0 && STRICT.get() {
        resume_unwind(Box::new(Thrown::Lost));
    }
}

extern "C-unwind" fn ignore(_: &mut jpeg_common_struct) {}

fn error_handler() -> jpeg_error_mgr {
    jpeg_error_mgr {
        error_exit: Some(on_error),
        emit_message: Some(on_message),
        output_message: Some(ignore),
        format_message: None,
        reset_error_mgr: Some(ignore),
        msg_code: 0,
        msg_parm: Default::default(),
        trace_level: 0,
        num_warnings: 0,
        jpeg_message_table: ptr::null(),
        last_jpeg_message: 0,
        addon_message_table: ptr::null(),
        first_addon_message: 0,
        last_addon_message: 0,
    }
}

/// Decodes at the smallest fraction of the size that is not below `wanted`, and then only in
/// height: rows are brought to the wanted width as they come, so that the picture is never in
/// memory in full. An upright photo of a telephone would take 36 MB.
pub(super) fn decode(
    bytes: &[u8],
    header: &Header,
    wanted: Size,
    limits: &Limits,
    resizer: &mut Resizer,
) -> Result<Pixels, Rejection> {
    let exhausted = Cell::new(false);
    let source = Source { rest: bytes, exhausted: &exhausted };
    STRICT.set(false);
    let decoded = catch_unwind(AssertUnwindSafe(|| decode_from(source, header, wanted, limits, resizer)));
    STRICT.set(false);
    match decoded {
        Ok(Ok(picture)) => Ok(picture),
        Ok(Err(_)) | Err(_) if exhausted.get() => Err(Rejection::Truncated),
        Ok(Err(rejection)) => Err(rejection),
        Err(thrown) if matches!(thrown.downcast_ref(), Some(Thrown::Lost)) => Err(Rejection::Truncated),
        Err(_) => Err(Rejection::Unreadable),
    }
}

fn decode_from(
    source: Source<'_>,
    header: &Header,
    wanted: Size,
    limits: &Limits,
    resizer: &mut Resizer,
) -> Result<Pixels, Rejection> {
    let unreadable = |_: io::Error| Rejection::Unreadable;
    let stored = header.outline.size;
    let builder = Decompress::builder().with_err(error_handler());
    let mut decoder = builder.from_reader(source).map_err(unreadable)?;
    if decoder.size() != (stored.width as usize, stored.height as usize) {
        return Err(Rejection::Unreadable);
    }
    let inks = matches!(decoder.color_space(), ColorSpace::JCS_CMYK | ColorSpace::JCS_YCCK);
    let (colours, channels) = if inks { (ColorSpace::JCS_CMYK, 4) } else { (ColorSpace::JCS_RGB, 3) };

    let (eighths, scaled) = scale(stored, wanted);
    let size = Size { width: wanted.width.min(scaled.width), height: scaled.height };
    let coefficients = if header.many_scans { header.coefficient_bytes } else { 0 };
    if size.area() * 3 + coefficients > limits.max_decoded_bytes {
        return Err(Rejection::TooLarge);
    }
    decoder.scale(eighths);

    // Before the first scan, and after the last row, warnings are about oddities that many
    // cameras write. In between they mean that something is not as it was taken. With many scans
    // all are read when decoding starts, with one it is read row by row.
    STRICT.set(header.many_scans);
    let mut decoder = decoder.to_colorspace(colours).map_err(unreadable)?;
    let (width, height) = (scaled.width as usize, scaled.height as usize);
    if (decoder.width(), decoder.height()) != (width, height) {
        return Err(Rejection::Unreadable);
    }
    STRICT.set(true);
    let mut bytes = Vec::with_capacity(size.width as usize * height * 3);
    for first in (0..height).step_by(STRIP) {
        let rows = STRIP.min(height - first);
        let mut strip = vec![0; rows * width * channels];
        decoder.read_scanlines_into(&mut strip).map_err(unreadable)?;
        if inks {
            strip = from_inks(&strip, header.adobe);
        }
        let strip = Pixels { size: Size { width: scaled.width, height: rows as u32 }, alpha: false, bytes: strip };
        let strip = resizer.to(strip, Size { width: size.width, height: rows as u32 })?;
        bytes.extend_from_slice(&strip.bytes);
    }
    STRICT.set(false);
    // Reads up to the end marker; without it the source is exhausted.
    decoder.finish().map_err(unreadable)?;
    Ok(Pixels { size, alpha: false, bytes })
}

/// The numerator over eight, and the size it gives. Only these four are fast.
fn scale(stored: Size, wanted: Size) -> (u8, Size) {
    let scaled = |divisor| (8 / divisor as u8, stored.divided(divisor));
    [8, 4, 2]
        .into_iter()
        .map(scaled)
        .find(|(_, size)| size.width >= wanted.width && size.height >= wanted.height)
        .unwrap_or_else(|| scaled(1))
}

/// Without a profile there is no right way, only the usual one.
fn from_inks(bytes: &[u8], inverted: bool) -> Vec<u8> {
    let light = |ink: u8| u32::from(if inverted { ink } else { !ink });
    let pixels = bytes.as_chunks::<4>().0.iter();
    let seen: Vec<_> = pixels
        .map(|[cyan, magenta, yellow, black]| {
            [*cyan, *magenta, *yellow].map(|ink| ((light(ink) * light(*black) + 127) / 255) as u8)
        })
        .collect();
    seen.into_flattened()
}

/// Baseline, half the colour resolution, no optimisation but that of the Huffman tables.
pub(super) fn encode(picture: &Pixels) -> Result<Vec<u8>, Rejection> {
    let flat = picture.on_white();
    let pixels = flat.as_deref().unwrap_or(&picture.bytes);
    let Size { width, height } = picture.size;
    let encoded = catch_unwind(|| {
        let mut encoder = Compress::new(ColorSpace::JCS_RGB);
        // Mozjpeg's own search for smaller files would take ten times as long as all the rest.
        encoder.set_fastest_defaults();
        encoder.set_size(width as usize, height as usize);
        encoder.set_quality(QUALITY);
        encoder.set_optimize_coding(true);
        let mut encoder = encoder.start_compress(Vec::new())?;
        encoder.write_scanlines(pixels)?;
        encoder.finish()
    });
    match encoded {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) | Err(_) => Err(Rejection::Unreadable),
    }
}
