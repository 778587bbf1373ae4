//! GIF: the first frame, on a canvas of the size that the file states.

use gif::{ColorOutput, DecodeOptions, MemoryLimit};

use super::orientation::Orientation;
use super::pixels::Pixels;
use super::sizes::Size;
use super::{Limits, Outline, Rejection};

/// What the blocks of a whole file say.
pub(super) struct Header {
    pub(super) outline: Outline,
}

impl Header {
    /// Walks all blocks up to the trailer: a file without one was cut.
    pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Self, Rejection> {
        let mut blocks = Blocks { bytes, at: 6 };
        let size = blocks.size()?;
        let colours = blocks.byte()?;
        blocks.skip(2)?;
        blocks.skip_palette(colours)?;
        let mut frames = 0;
        loop {
            match blocks.byte()? {
                0x21 => {
                    blocks.skip(1)?;
                    blocks.skip_data()?;
                }
                0x2C => {
                    blocks.skip(4)?;
                    // A frame may be larger than the canvas, and is decoded whole all the same.
                    let frame = blocks.size()?;
                    if frames == 0 && frame.area() > limits.max_pixels {
                        return Err(Rejection::TooManyPixels);
                    }
                    frames += 1;
                    let colours = blocks.byte()?;
                    blocks.skip_palette(colours)?;
                    blocks.skip(1)?;
                    blocks.skip_data()?;
                }
                0x3B if frames > 0 => break,
                _ => return Err(Rejection::Unreadable),
            }
        }
        Ok(Self { outline: Outline { size, orientation: Orientation::Upright } })
    }
}

struct Blocks<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Blocks<'_> {
    fn byte(&mut self) -> Result<u8, Rejection> {
        let byte = self.bytes.get(self.at).copied().ok_or(Rejection::Truncated)?;
        self.at += 1;
        Ok(byte)
    }

    fn skip(&mut self, count: usize) -> Result<(), Rejection> {
        self.at += count;
        if self.at > self.bytes.len() { Err(Rejection::Truncated) } else { Ok(()) }
    }

    fn size(&mut self) -> Result<Size, Rejection> {
        let mut side = || Ok(u32::from(u16::from_le_bytes([self.byte()?, self.byte()?])));
        Ok(Size { width: side()?, height: side()? })
    }

    fn skip_palette(&mut self, flags: u8) -> Result<(), Rejection> {
        if flags & 0x80 == 0 { Ok(()) } else { self.skip(3 << ((flags & 7) + 1)) }
    }

    fn skip_data(&mut self) -> Result<(), Rejection> {
        loop {
            match self.byte()? {
                0 => return Ok(()),
                length => self.skip(length.into())?,
            }
        }
    }
}

pub(super) fn decode(bytes: &[u8], header: &Header, limits: &Limits) -> Result<Pixels, Rejection> {
    let size = header.outline.size;
    if size.area() * 4 > limits.max_decoded_bytes {
        return Err(Rejection::TooLarge);
    }
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    options.set_memory_limit(match limits.max_decoded_bytes.try_into() {
        Ok(bytes) => MemoryLimit::Bytes(bytes),
        Err(_) => return Err(Rejection::TooLarge),
    });
    let mut decoder = options.read_info(bytes).map_err(|_| Rejection::Unreadable)?;
    let frame = match decoder.read_next_frame() {
        Ok(Some(frame)) => frame,
        Ok(None) | Err(_) => return Err(Rejection::Unreadable),
    };
    let canvas = Canvas { size, left: frame.left.into(), top: frame.top.into() };
    canvas.paint(&frame.buffer, frame.width.into(), frame.height.into())
}

/// A transparent picture and a place on it.
pub(super) struct Canvas {
    pub(super) size: Size,
    pub(super) left: usize,
    pub(super) top: usize,
}

impl Canvas {
    /// Puts an RGBA frame in its place; what hangs over the edge is cut off.
    pub(super) fn paint(&self, frame: &[u8], width: usize, height: usize) -> Result<Pixels, Rejection> {
        let (canvas_width, canvas_height) = (self.size.width as usize, self.size.height as usize);
        if width == 0 || frame.len() != width * height * 4 {
            return Err(Rejection::Unreadable);
        }
        let mut bytes = vec![0; canvas_width * canvas_height * 4];
        let shown = width.min(canvas_width.saturating_sub(self.left)) * 4;
        let rows = bytes.chunks_exact_mut(canvas_width * 4).skip(self.top);
        for (row, source) in rows.zip(frame.chunks_exact(width * 4)) {
            if let Some(place) = row.get_mut(self.left * 4..self.left * 4 + shown) {
                place.copy_from_slice(&source[..shown]);
            }
        }
        Ok(Pixels { size: self.size, alpha: true, bytes })
    }
}
