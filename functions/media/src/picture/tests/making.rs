//! Files to test with, made from scratch.

use std::io::Cursor;

use exif::{Field, In, Rational, Tag, Value};
use image::codecs::gif::GifEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use mozjpeg::{ColorSpace, Compress};
use webpx::{EncoderConfig, Unstoppable};

/// Row by row, what [`quadrants`] shows.
pub(super) const CORNERS: [[u8; 4]; 4] =
    [[220, 30, 30, 255], [30, 200, 30, 255], [30, 30, 220, 255], [240, 240, 240, 255]];

/// Four colours that tell which way up a picture is.
pub(super) fn quadrants(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| {
        let [red, green, blue, _] = CORNERS[usize::from(x >= width / 2) + 2 * usize::from(y >= height / 2)];
        Rgb([red, green, blue])
    })
    .into()
}

/// Gradients and noise, so that compressed files are long enough to be cut.
pub(super) fn photo(width: u32, height: u32) -> DynamicImage {
    let mut state = 1_u32;
    RgbImage::from_fn(width, height, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = state >> 28;
        Rgb([x * 200 / width + noise, y * 200 / height + noise, (x + y) * 200 / (width + height) + noise]
            .map(|c| c as u8))
    })
    .into()
}

/// How a camera stores what is to be seen as `upright`.
pub(super) fn stored_as(upright: &DynamicImage, orientation: u16) -> DynamicImage {
    match orientation {
        2 => upright.fliph(),
        3 => upright.rotate180(),
        4 => upright.flipv(),
        5 => upright.rotate90().fliph(),
        6 => upright.rotate270(),
        7 => upright.rotate270().fliph(),
        8 => upright.rotate90(),
        _ => upright.clone(),
    }
}

fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(super) fn jpeg(image: &DynamicImage, progressive: bool) -> Vec<u8> {
    compress(ColorSpace::JCS_RGB, image.width(), image.height(), image.to_rgb8().as_raw(), |encoder| {
        if progressive {
            encoder.set_progressive_mode();
        }
    })
}

pub(super) fn grey_jpeg(image: &DynamicImage) -> Vec<u8> {
    compress(ColorSpace::JCS_GRAYSCALE, image.width(), image.height(), image.to_luma8().as_raw(), |_| ())
}

pub(super) fn cmyk_jpeg(width: u32, height: u32, inks: [u8; 4], stored: ColorSpace) -> Vec<u8> {
    let pixels = inks.repeat(width as usize * height as usize);
    compress(ColorSpace::JCS_CMYK, width, height, &pixels, |encoder| encoder.set_color_space(stored))
}

fn compress(kind: ColorSpace, width: u32, height: u32, pixels: &[u8], set: impl FnOnce(&mut Compress)) -> Vec<u8> {
    let mut encoder = Compress::new(kind);
    encoder.set_fastest_defaults();
    encoder.set_size(width as usize, height as usize);
    encoder.set_quality(90.0);
    set(&mut encoder);
    let mut encoder = encoder.start_compress(Vec::new()).unwrap();
    encoder.write_scanlines(pixels).unwrap();
    encoder.finish().unwrap()
}

/// Writes another size into the frame header.
pub(super) fn jpeg_of_size(mut bytes: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let frame = bytes.windows(4).position(|bytes| matches!(bytes, [0xFF, 0xC0 | 0xC2, 0, 17])).unwrap();
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

pub(super) fn png(image: &DynamicImage) -> Vec<u8> {
    written(image, ImageFormat::Png)
}

/// The picture, and then a second frame that is all black.
pub(super) fn apng(image: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, image.width(), image.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_animated(2, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    let pixels = image.to_rgb8().into_raw();
    writer.write_image_data(&pixels).unwrap();
    writer.write_image_data(&vec![0; pixels.len()]).unwrap();
    writer.finish().unwrap();
    bytes
}

fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(data);
    let mut sum = u32::MAX;
    for byte in &chunk[4..] {
        sum ^= u32::from(*byte);
        (0..8).for_each(|_| sum = if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 });
    }
    chunk.extend((!sum).to_be_bytes());
    chunk
}

fn png_header(width: u32, height: u32, colour: u8, interlaced: bool) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, colour, 0, 0, interlaced.into()]);
    let mut bytes = b"\x89PNG\r\n\x1A\n".to_vec();
    bytes.extend(png_chunk(b"IHDR", &header));
    bytes
}

/// A large promise and little behind it.
pub(super) fn png_bomb(width: u32, height: u32, colour: u8) -> Vec<u8> {
    let mut bytes = png_header(width, height, colour, false);
    bytes.extend(png_chunk(b"IDAT", &[0x78, 0x9C, 0x63, 0, 0, 0, 1, 0, 1]));
    bytes.extend(png_chunk(b"IEND", &[]));
    bytes
}

/// The [`quadrants`] in the seven passes of Adam7, stored without compression.
pub(super) fn interlaced_png(width: u32, height: u32) -> Vec<u8> {
    let image = quadrants(width, height).into_rgb8();
    let mut raw = Vec::new();
    let passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
    for (left, top, across, down) in passes {
        for y in (top..height).step_by(down) {
            raw.push(0);
            (left..width).step_by(across).for_each(|x| raw.extend(image.get_pixel(x, y).0));
        }
    }
    let mut data = vec![0x78, 0x01];
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in &raw {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    let blocks = raw.chunks(60_000);
    let last = blocks.len() - 1;
    for (at, block) in blocks.enumerate() {
        let length = block.len() as u16;
        data.push(u8::from(at == last));
        data.extend(length.to_le_bytes());
        data.extend((!length).to_le_bytes());
        data.extend(block);
    }
    data.extend((high << 16 | low).to_be_bytes());
    let mut bytes = png_header(width, height, 2, true);
    bytes.extend(png_chunk(b"IDAT", &data));
    bytes.extend(png_chunk(b"IEND", &[]));
    bytes
}

pub(super) fn gif(image: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    encoder.encode_frame(image::Frame::new(image.to_rgba8())).unwrap();
    let black = image::RgbaImage::from_pixel(image.width(), image.height(), image::Rgba([0, 0, 0, 255]));
    encoder.encode_frame(image::Frame::new(black)).unwrap();
    drop(encoder);
    bytes
}

pub(super) fn webp(image: &DynamicImage, lossless: bool) -> Vec<u8> {
    let encoder = if lossless { EncoderConfig::new_lossless() } else { EncoderConfig::new().quality(90.0) };
    encoder.encode_rgb(image.to_rgb8().as_raw(), image.width(), image.height(), Unstoppable).unwrap()
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = kind.to_vec();
    chunk.extend((data.len() as u32).to_le_bytes());
    chunk.extend(data);
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

fn little24(number: u32) -> [u8; 3] {
    let [low, middle, high, _] = number.to_le_bytes();
    [low, middle, high]
}

fn extended_webp(flags: u8, width: u32, height: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let header = [&[flags, 0, 0, 0][..], &little24(width - 1), &little24(height - 1)].concat();
    let mut body = b"WEBP".to_vec();
    body.extend(chunk(b"VP8X", &header));
    body.extend(chunks.concat());
    chunk(b"RIFF", &body)
}

fn frame(left: u32, top: u32, image: &DynamicImage) -> Vec<u8> {
    let place = [little24(left / 2), little24(top / 2), little24(image.width() - 1), little24(image.height() - 1)];
    let mut data = place.concat();
    data.extend([100, 0, 0, 0]);
    data.extend(&webp(image, false)[12..]);
    chunk(b"ANMF", &data)
}

/// The picture, and then a second frame that is all black.
pub(super) fn animated_webp(image: &DynamicImage) -> Vec<u8> {
    let black = RgbImage::new(image.width(), image.height()).into();
    let chunks = [chunk(b"ANIM", &[0; 6]), frame(0, 0, image), frame(0, 0, &black)];
    extended_webp(0x02, image.width(), image.height(), &chunks)
}

/// A red frame of 100 × 50 in the middle of a canvas of 200 × 100.
pub(super) fn framed_webp() -> Vec<u8> {
    let red = RgbImage::from_pixel(100, 50, Rgb([255, 0, 0])).into();
    extended_webp(0x12, 200, 100, &[chunk(b"ANIM", &[0; 6]), frame(50, 24, &red)])
}

/// Some of what a telephone notes about a photo.
pub(super) struct Exif {
    pub(super) orientation: u16,
    pub(super) place: bool,
}

impl Exif {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let field = |tag, value| Field { tag, ifd_num: In::PRIMARY, value };
        let degrees = [37, 33, 59].map(|num| Rational { num, denom: 1 }).to_vec();
        let mut fields = vec![field(Tag::Orientation, Value::Short(vec![self.orientation]))];
        if self.place {
            fields.push(field(Tag::Artist, Value::Ascii(vec![b"a secret name".to_vec()])));
            fields.push(field(Tag::GPSLatitudeRef, Value::Ascii(vec![b"N".to_vec()])));
            fields.push(field(Tag::GPSLatitude, Value::Rational(degrees)));
        }
        let mut writer = exif::experimental::Writer::new();
        fields.iter().for_each(|field| writer.push_field(field));
        let mut bytes = Cursor::new(Vec::new());
        writer.write(&mut bytes, false).unwrap();
        bytes.into_inner()
    }
}

pub(super) fn jpeg_with_exif(jpeg: &[u8], exif: &[u8]) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    for segment in [[b"Exif\0\0", exif].concat(), b"http://ns.adobe.com/xap/1.0/\0<secret/>".to_vec()] {
        bytes.extend([0xFF, 0xE1]);
        bytes.extend((segment.len() as u16 + 2).to_be_bytes());
        bytes.extend(segment);
    }
    bytes.extend(&jpeg[2..]);
    bytes
}

pub(super) fn png_with_exif(png: &[u8], exif: &[u8]) -> Vec<u8> {
    const HEADER: usize = 33;
    [&png[..HEADER], &png_chunk(b"eXIf", exif), &png_chunk(b"tEXt", b"Author\0secret"), &png[HEADER..]].concat()
}

pub(super) fn webp_with_exif(webp: &[u8], image: &DynamicImage, exif: &[u8]) -> Vec<u8> {
    let chunks = [webp[12..].to_vec(), chunk(b"EXIF", exif), chunk(b"XMP ", b"<secret/>")];
    extended_webp(0x0C, image.width(), image.height(), &chunks)
}
