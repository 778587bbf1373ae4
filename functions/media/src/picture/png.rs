//! PNG, read row by row.

use std::io::{Cursor, ErrorKind};

use png::{ColorType, Decoder, DecodingError, Transformations};

use super::orientation::Orientation;
use super::pixels::{Pixels, Shrinker};
use super::sizes::Size;
use super::{Limits, Outline, Rejection};

const SIGNATURE: usize = 8;

/// What the chunks of a whole file say.
pub(super) struct Header {
    pub(super) outline: Outline,
    /// Of a pixel as decoded, before sixteen bits are cut to eight.
    bytes_per_pixel: u64,
}

impl Header {
    /// Walks all chunks up to `IEND`: a file without it was cut.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Rejection> {
        let mut rest = &bytes[SIGNATURE..];
        let mut header = None;
        loop {
            let (length, tail) = rest.split_first_chunk().ok_or(Rejection::Truncated)?;
            let (kind, tail) = tail.split_first_chunk::<4>().ok_or(Rejection::Truncated)?;
            let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| Rejection::Truncated)?;
            let (data, tail) = tail.split_at_checked(length).ok_or(Rejection::Truncated)?;
            rest = tail.get(4..).ok_or(Rejection::Truncated)?;

            let header = match (kind, &mut header) {
                (b"IHDR", None) => {
                    header = Some(Self::parse(data)?);
                    continue;
                }
                (_, None) => return Err(Rejection::Unreadable),
                (_, Some(header)) => header,
            };
            match kind {
                b"eXIf" => header.outline.orientation = Orientation::read(data),
                b"IEND" => break,
                _ => {}
            }
        }
        header.ok_or(Rejection::Unreadable)
    }

    fn parse(data: &[u8]) -> Result<Self, Rejection> {
        let &[w0, w1, w2, w3, h0, h1, h2, h3, depth, colour, ..] = data else {
            return Err(Rejection::Unreadable);
        };
        let size = Size { width: u32::from_be_bytes([w0, w1, w2, w3]), height: u32::from_be_bytes([h0, h1, h2, h3]) };
        // Grey and palettes become colours, and any of them may bring transparency along.
        let channels = if colour == 2 { 3 } else { 4 };
        let bytes_per_pixel = if depth == 16 { 2 * channels } else { channels };
        Ok(Self { outline: Outline { size, orientation: Orientation::Upright }, bytes_per_pixel })
    }
}

pub(super) fn decode(bytes: &[u8], header: &Header, wanted: Size, limits: &Limits) -> Result<Pixels, Rejection> {
    let size = header.outline.size;
    if size.area() * header.bytes_per_pixel > limits.max_decoded_bytes {
        return Err(Rejection::TooLarge);
    }
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(reason)?;
    if (reader.info().width, reader.info().height) != (size.width, size.height) {
        return Err(Rejection::Unreadable);
    }

    let colour = reader.output_color_type().0;
    let (channels, alpha) = match colour {
        ColorType::Grayscale => (1, false),
        ColorType::GrayscaleAlpha => (2, true),
        ColorType::Rgb => (3, false),
        ColorType::Rgba => (4, true),
        ColorType::Indexed => return Err(Rejection::Unreadable),
    };
    let row_length = size.width as usize * channels;
    let mut shrinker = Shrinker::new(size, wanted, alpha);
    let mut coloured = Vec::new();
    let mut push = |row: &[u8]| match colour {
        ColorType::Grayscale => {
            coloured.clear();
            coloured.extend(row.iter().flat_map(|grey| [*grey; 3]));
            shrinker.push(&coloured);
        }
        ColorType::GrayscaleAlpha => {
            coloured.clear();
            coloured.extend(row.as_chunks::<2>().0.iter().flat_map(|[grey, alpha]| [*grey, *grey, *grey, *alpha]));
            shrinker.push(&coloured);
        }
        _ => shrinker.push(row),
    };

    if reader.info().interlaced {
        // Rows come in seven passes; only the whole picture has them in order.
        let mut whole = vec![0; reader.output_buffer_size().ok_or(Rejection::TooLarge)?];
        let frame = reader.next_frame(&mut whole).map_err(reason)?;
        if frame.line_size != row_length {
            return Err(Rejection::Unreadable);
        }
        whole.chunks_exact(row_length).take(size.height as usize).for_each(&mut push);
    } else {
        for _ in 0..size.height {
            match reader.next_row().map_err(reason)? {
                Some(row) if row.data().len() == row_length => push(row.data()),
                _ => return Err(Rejection::Unreadable),
            }
        }
    }
    shrinker.finish().ok_or(Rejection::Unreadable)
}

fn reason(error: DecodingError) -> Rejection {
    match error {
        DecodingError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => Rejection::Truncated,
        DecodingError::LimitsExceeded => Rejection::TooLarge,
        _ => Rejection::Unreadable,
    }
}
