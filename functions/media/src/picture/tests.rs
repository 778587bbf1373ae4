//! What goes in, what comes out, and what is refused.

mod making;

use image::{DynamicImage, GenericImageView, Rgba};
use making::{Exif, animated_webp, apng, photo, quadrants};
use proptest::prelude::*;

use super::*;

fn optimized(bytes: &[u8], format: Format) -> Optimized {
    optimize(bytes, format, &Limits::default()).unwrap()
}

fn refused(bytes: &[u8], format: Format) -> Rejection {
    optimize(bytes, format, &Limits::default()).unwrap_err()
}

fn open(rendition: &Rendition) -> DynamicImage {
    let format = match rendition.kind {
        RenditionKind::WebP => image::ImageFormat::WebP,
        RenditionKind::Jpeg => image::ImageFormat::Jpeg,
    };
    let image = image::load_from_memory_with_format(&rendition.bytes, format).unwrap();
    assert_eq!((image.width(), image.height()), (rendition.width, rendition.height));
    image
}

fn sizes(optimized: &Optimized) -> Vec<(u32, u32)> {
    let pairs = optimized.renditions.as_chunks::<2>().0.iter();
    pairs
        .map(|[webp, jpeg]| {
            assert_eq!((webp.kind, jpeg.kind), (RenditionKind::WebP, RenditionKind::Jpeg));
            assert_eq!((webp.width, webp.height), (jpeg.width, jpeg.height));
            (webp.width, webp.height)
        })
        .collect()
}

#[track_caller]
fn assert_like(pixel: Rgba<u8>, wanted: [u8; 4]) {
    let near = pixel.0.into_iter().zip(wanted).all(|(is, wanted)| is.abs_diff(wanted) <= 24);
    assert!(near, "{pixel:?} is not like {wanted:?}");
}

/// The colours in the middle of the four quarters, row by row.
#[track_caller]
fn assert_quadrants(image: &DynamicImage) {
    let (width, height) = image.dimensions();
    for (at, wanted) in making::CORNERS.into_iter().enumerate() {
        let (right, below) = (at as u32 % 2, at as u32 / 2);
        assert_like(image.get_pixel(width / 4 + right * width / 2, height / 4 + below * height / 2), wanted);
    }
}

/// One whole file of each kind.
fn samples(image: &DynamicImage) -> Vec<(&'static str, Format, Vec<u8>)> {
    vec![
        ("baseline JPEG", Format::Jpeg, making::jpeg(image, false)),
        ("progressive JPEG", Format::Jpeg, making::jpeg(image, true)),
        ("PNG", Format::Png, making::png(image)),
        ("APNG", Format::Png, apng(image)),
        ("lossy WebP", Format::WebP, making::webp(image, false)),
        ("lossless WebP", Format::WebP, making::webp(image, true)),
        ("animated WebP", Format::WebP, animated_webp(image)),
        ("GIF", Format::Gif, making::gif(image)),
    ]
}

#[test]
fn every_format_is_read() {
    for (name, format, bytes) in samples(&quadrants(400, 300)) {
        let picture = optimized(&bytes, format);
        assert_eq!((picture.width, picture.height), (400, 300), "{name}");
        assert_eq!(sizes(&picture), [(400, 300), (320, 240)], "{name}");
        picture.renditions.iter().for_each(|rendition| assert_quadrants(&open(rendition)));
    }
}

#[test]
fn a_format_has_one_content_type() {
    for format in Format::ALL {
        assert_eq!(Format::from_content_type(format.content_type()), Some(format));
    }
    assert_eq!(Format::from_content_type("IMAGE/PNG"), Some(Format::Png));
    assert_eq!(Format::from_content_type("image/svg+xml"), None);
}

#[test]
fn a_picture_is_never_enlarged() {
    let widths = |width, height| sizes(&optimized(&making::png(&photo(width, height)), Format::Png));
    assert_eq!(widths(2000, 500), [(1600, 400), (800, 200), (320, 80)]);
    assert_eq!(widths(1600, 400), [(1600, 400), (800, 200), (320, 80)]);
    assert_eq!(widths(1000, 250), [(1000, 250), (800, 200), (320, 80)]);
    assert_eq!(widths(800, 200), [(800, 200), (320, 80)]);
    assert_eq!(widths(500, 1000), [(500, 1000), (320, 640)]);
    assert_eq!(widths(320, 10), [(320, 10)]);
    assert_eq!(widths(200, 300), [(200, 300)]);
    assert_eq!(widths(1, 1), [(1, 1)]);
}

#[test]
fn a_line_of_pixels_stays_a_line() {
    let line = |width, height| optimized(&making::png(&photo(width, height)), Format::Png);
    assert_eq!(sizes(&line(20_000, 1)), [(1600, 1), (800, 1), (320, 1)]);
    // No WebP file is higher.
    assert_eq!(sizes(&line(1, 20_000)), [(1, 16_383)]);
    assert_eq!((line(1, 20_000).width, line(1, 20_000).height), (1, 20_000));
}

#[test]
fn a_very_long_strip_is_made_narrower() {
    let strip = sizes::plan(Size { width: 1600, height: 31_250 });
    assert!(strip.iter().all(|size| size.area() <= 10_000_000 && size.height <= 16_383), "{strip:?}");
    assert!(strip.is_sorted_by(|a, b| a.width > b.width), "{strip:?}");
}

#[test]
fn every_orientation_is_turned_upright() {
    for number in 1..=8 {
        let stored = making::stored_as(&quadrants(640, 400), number);
        let exif = Exif { orientation: number, place: false }.bytes();
        for (format, bytes) in [
            (Format::Jpeg, making::jpeg_with_exif(&making::jpeg(&stored, false), &exif)),
            (Format::Png, making::png_with_exif(&making::png(&stored), &exif)),
            (Format::WebP, making::webp_with_exif(&making::webp(&stored, false), &stored, &exif)),
        ] {
            let picture = optimized(&bytes, format);
            assert_eq!((picture.width, picture.height), (640, 400), "{format:?} {number}");
            assert_eq!(sizes(&picture), [(640, 400), (320, 200)], "{format:?} {number}");
            picture.renditions.iter().for_each(|rendition| assert_quadrants(&open(rendition)));
        }
    }
}

#[test]
fn a_large_photo_is_turned_after_it_is_reduced() {
    let stored = making::stored_as(&quadrants(1700, 3500), 6);
    let exif = Exif { orientation: 6, place: false }.bytes();
    let picture = optimized(&making::jpeg_with_exif(&making::jpeg(&stored, false), &exif), Format::Jpeg);
    assert_eq!((picture.width, picture.height), (1700, 3500));
    assert_eq!(sizes(&picture), [(1600, 3294), (800, 1647), (320, 659)]);
    picture.renditions.iter().for_each(|rendition| assert_quadrants(&open(rendition)));
}

#[test]
fn nothing_of_the_metadata_is_left() {
    let image = photo(400, 300);
    let exif = Exif { orientation: 6, place: true }.bytes();
    for (format, bytes) in [
        (Format::Jpeg, making::jpeg_with_exif(&making::jpeg(&image, false), &exif)),
        (Format::Png, making::png_with_exif(&making::png(&image), &exif)),
        (Format::WebP, making::webp_with_exif(&making::webp(&image, false), &image, &exif)),
    ] {
        let read = |bytes: &[u8]| exif::Reader::new().read_from_container(&mut std::io::Cursor::new(bytes));
        let before = read(&bytes).unwrap();
        assert!(before.get_field(exif::Tag::GPSLatitude, exif::In::PRIMARY).is_some(), "{format:?}");
        for rendition in optimized(&bytes, format).renditions {
            assert!(matches!(read(&rendition.bytes), Err(exif::Error::NotFound(_))), "{:?}", rendition.kind);
            for trace in ["Exif", "EXIF", "GPS", "ICC_PROFILE", "ICCP", "XMP", "adobe", "Adobe", "secret"] {
                let found = rendition.bytes.windows(trace.len()).any(|bytes| bytes == trace.as_bytes());
                assert!(!found, "{format:?} {:?} {trace}", rendition.kind);
            }
        }
    }
}

#[test]
fn a_broken_note_about_the_orientation_is_ignored() {
    let exif = Exif { orientation: 6, place: true }.bytes();
    for length in 0..exif.len() {
        let bytes = making::jpeg_with_exif(&making::jpeg(&quadrants(64, 48), false), &exif[..length]);
        optimized(&bytes, Format::Jpeg);
    }
}

#[test]
fn a_file_that_lies_about_its_format_is_refused() {
    assert_eq!(refused(b"Hello, this is a letter and not a picture.", Format::Jpeg), Rejection::NotThisFormat);
    for (name, format, bytes) in samples(&photo(64, 48)) {
        for claimed in Format::ALL.into_iter().filter(|claimed| *claimed != format) {
            assert_eq!(refused(&bytes, claimed), Rejection::NotThisFormat, "{name} as {claimed:?}");
        }
    }
}

#[test]
fn a_cut_file_is_refused_wherever_it_is_cut() {
    for (name, format, bytes) in samples(&photo(160, 120)) {
        let step = (bytes.len() / 200).max(1);
        let near_the_end = bytes.len().saturating_sub(20)..bytes.len();
        for length in (0..bytes.len()).step_by(step).chain(0..40).chain(near_the_end) {
            assert_eq!(refused(&bytes[..length], format), Rejection::Truncated, "{name} cut at {length}");
        }
    }
}

#[test]
fn a_jpeg_that_was_cut_and_closed_again_is_refused() {
    for progressive in [false, true] {
        let bytes = making::jpeg(&photo(320, 240), progressive);
        for eighth in 4..8 {
            let mut cut = bytes[..bytes.len() * eighth / 8].to_vec();
            cut.extend([0xFF, 0xD9]);
            assert_eq!(refused(&cut, Format::Jpeg), Rejection::Truncated, "{progressive} {eighth}");
        }
    }
}

#[test]
fn what_follows_a_picture_is_ignored() {
    for (name, format, mut bytes) in samples(&photo(64, 48)) {
        let before = optimized(&bytes, format);
        bytes.extend(b"a film that the camera appended");
        assert_eq!(optimized(&bytes, format), before, "{name}");
    }
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    let image = photo(64, 48);
    assert_eq!(refused(&making::png_bomb(30_000, 30_000, 2), Format::Png), Rejection::TooManyPixels);
    assert_eq!(refused(&making::png_bomb(u32::MAX, u32::MAX, 2), Format::Png), Rejection::TooManyPixels);
    // Few enough pixels, but four bytes each.
    assert_eq!(refused(&making::png_bomb(7000, 7000, 6), Format::Png), Rejection::TooLarge);

    let jpeg = making::jpeg_of_size(making::jpeg(&image, false), 65_500, 65_500);
    assert_eq!(refused(&jpeg, Format::Jpeg), Rejection::TooManyPixels);
    // Read in many scans, it cannot be reduced on the way.
    let jpeg = making::jpeg_of_size(making::jpeg(&image, true), 7000, 7000);
    assert_eq!(refused(&jpeg, Format::Jpeg), Rejection::TooLarge);

    let mut gif = making::gif(&image);
    gif[6..10].fill(0xFF);
    assert_eq!(refused(&gif, Format::Gif), Rejection::TooManyPixels);

    let mut webp = animated_webp(&image);
    webp[24..30].fill(0xFF);
    assert_eq!(refused(&webp, Format::WebP), Rejection::TooManyPixels);
    let mut webp = animated_webp(&image);
    webp[24..30].copy_from_slice(&[0x57, 0x1B, 0, 0x57, 0x1B, 0]);
    assert_eq!(refused(&webp, Format::WebP), Rejection::TooLarge);
}

#[test]
fn a_gif_frame_larger_than_its_canvas_counts_too() {
    let mut gif = making::gif(&photo(64, 48));
    let frame = gif.windows(9).position(|bytes| bytes == [0x2C, 0, 0, 0, 0, 64, 0, 48, 0]).unwrap();
    gif[frame + 5..frame + 9].fill(0xFF);
    assert_eq!(refused(&gif, Format::Gif), Rejection::TooManyPixels);
}

#[test]
fn a_jpeg_of_no_height_is_refused() {
    let jpeg = making::jpeg_of_size(making::jpeg(&photo(64, 48), false), 64, 0);
    assert_eq!(refused(&jpeg, Format::Jpeg), Rejection::Unreadable);
}

#[test]
fn a_jpeg_of_endless_scans_is_refused() {
    let mut bytes = making::jpeg(&photo(64, 48), true);
    let last = bytes.windows(2).rposition(|bytes| bytes == [0xFF, 0xDA]).unwrap();
    let scan = bytes[last..bytes.len() - 2].to_vec();
    bytes.truncate(bytes.len() - 2);
    (0..100).for_each(|_| bytes.extend(&scan));
    bytes.extend([0xFF, 0xD9]);
    assert_eq!(refused(&bytes, Format::Jpeg), Rejection::Unreadable);
}

#[test]
fn a_long_file_is_refused_unread() {
    let limits = Limits { max_bytes: 100, ..Limits::default() };
    assert_eq!(optimize(&[0; 101], Format::Jpeg, &limits), Err(Rejection::TooLarge));
}

#[test]
fn grey_becomes_colour() {
    let grey = DynamicImage::ImageLuma8(photo(400, 300).into_luma8());
    for (format, bytes) in [(Format::Jpeg, making::grey_jpeg(&grey)), (Format::Png, making::png(&grey))] {
        let shown = open(&optimized(&bytes, format).renditions[1]);
        for (x, y) in [(10, 10), (200, 150), (390, 290)] {
            let Rgba([level, ..]) = grey.get_pixel(x, y);
            let (low, high) = (level.saturating_sub(60), level.saturating_add(60));
            assert!((low..=high).contains(&shown.get_pixel(x, y).0[0]));
        }
    }
}

#[test]
fn inks_become_light() {
    for kind in [mozjpeg::ColorSpace::JCS_CMYK, mozjpeg::ColorSpace::JCS_YCCK] {
        // Adobe's way: the number says how much ink is missing.
        let picture = optimized(&making::cmyk_jpeg(400, 300, [250, 10, 10, 255], kind), Format::Jpeg);
        assert_eq!(sizes(&picture), [(400, 300), (320, 240)]);
        picture
            .renditions
            .iter()
            .for_each(|rendition| assert_like(open(rendition).get_pixel(9, 9), [250, 10, 10, 255]));
    }
}

#[test]
fn sixteen_bits_and_transparency_are_read() {
    let image =
        image::ImageBuffer::from_fn(400, 300, |x, _| Rgba::<u16>([0xFFFF, 0, 0, if x < 200 { 0xFFFF } else { 0 }]));
    let picture = optimized(&making::png(&DynamicImage::ImageRgba16(image)), Format::Png);
    for rendition in &picture.renditions {
        let shown = open(rendition);
        let (width, height) = shown.dimensions();
        assert_like(shown.get_pixel(width / 4, height / 2), [255, 0, 0, 255]);
        match rendition.kind {
            RenditionKind::WebP => assert_eq!(shown.get_pixel(width * 3 / 4, height / 2).0[3], 0),
            RenditionKind::Jpeg => assert_like(shown.get_pixel(width * 3 / 4, height / 2), [255; 4]),
        }
    }
}

#[test]
fn half_transparent_edges_keep_their_colour_when_reduced() {
    // Black where nothing is seen: it must not darken what is.
    let image =
        image::RgbaImage::from_fn(
            4000,
            300,
            |x, _| {
                if x / 5 % 2 == 0 { Rgba([255, 0, 0, 255]) } else { Rgba([0, 0, 0, 0]) }
            },
        );
    let picture = optimized(&making::png(&image.into()), Format::Png);
    let Rgba([red, ..]) = open(&picture.renditions[4]).get_pixel(160, 12);
    assert!(red > 230, "{red}");
    let Rgba(on_white) = open(&picture.renditions[5]).get_pixel(160, 12);
    assert_like(Rgba(on_white), [255, 128, 128, 255]);
}

#[test]
fn an_opaque_alpha_channel_costs_nothing() {
    let image = photo(400, 300);
    let opaque = DynamicImage::ImageRgba8(image.to_rgba8());
    let with = optimized(&making::png(&opaque), Format::Png);
    assert_eq!(with, optimized(&making::png(&image), Format::Png));
}

#[test]
fn a_palette_with_transparency_is_read() {
    let image = image::RgbaImage::from_fn(40, 30, |x, _| if x < 20 { Rgba([0, 0, 255, 255]) } else { Rgba([0; 4]) });
    let picture = optimized(&making::gif(&image.into()), Format::Gif);
    let webp = open(&picture.renditions[0]);
    assert_like(webp.get_pixel(5, 5), [0, 0, 255, 255]);
    assert_eq!(webp.get_pixel(35, 5).0[3], 0);
    assert_like(open(&picture.renditions[1]).get_pixel(35, 5), [255; 4]);
}

#[test]
fn an_interlaced_png_is_read() {
    let picture = optimized(&making::interlaced_png(400, 300), Format::Png);
    picture.renditions.iter().for_each(|rendition| assert_quadrants(&open(rendition)));
}

#[test]
fn a_large_png_is_reduced_while_it_is_read() {
    for image in [quadrants(3301, 203), DynamicImage::ImageRgba8(quadrants(3301, 203).to_rgba8())] {
        let picture = optimized(&making::png(&image), Format::Png);
        assert_eq!(sizes(&picture), [(1600, 98), (800, 49), (320, 20)]);
        picture.renditions.iter().for_each(|rendition| assert_quadrants(&open(rendition)));
    }
}

#[test]
fn a_frame_is_put_in_its_place() {
    let picture = optimized(&making::framed_webp(), Format::WebP);
    assert_eq!((picture.width, picture.height), (200, 100));
    let webp = open(&picture.renditions[0]);
    assert_like(webp.get_pixel(100, 50), [255, 0, 0, 255]);
    assert_eq!(webp.get_pixel(10, 10).0[3], 0);
}

#[test]
fn the_placeholder_looks_like_the_picture() {
    use base64::Engine as _;
    let placeholder = optimized(&making::png(&quadrants(400, 200)), Format::Png).placeholder;
    let hash = base64::engine::general_purpose::STANDARD.decode(placeholder).unwrap();
    assert!(hash.len() < 40);
    let (width, height, pixels) = thumbhash::thumb_hash_to_rgba(&hash).unwrap();
    assert!(width > height);
    let top_left = pixels.as_chunks::<4>().0[width * (height / 4) + width / 4];
    assert!(top_left[0] > top_left[1] && top_left[0] > top_left[2], "{top_left:?} is not reddish");
}

#[test]
fn the_same_picture_gives_the_same_files() {
    for (name, format, bytes) in samples(&photo(400, 300)) {
        assert_eq!(optimized(&bytes, format), optimized(&bytes, format), "{name}");
    }
}

/// Width and height of what is kept and of the thumbnail.
fn kept_and_thumbnail(bytes: &[u8], format: Format) -> [(u32, u32); 2] {
    let made = for_message(bytes, format, &Limits::default()).unwrap();
    let [kept, thumbnail] = &made.renditions[..] else { panic!("{} files", made.renditions.len()) };
    [kept, thumbnail].map(|file| {
        assert_eq!(file.kind, RenditionKind::Jpeg);
        open(file).dimensions()
    })
}

#[test]
fn a_message_gets_a_picture_of_at_most_2560_and_a_thumbnail_within_400_by_300() {
    for ((width, height), wanted) in [
        ((3000, 1000), [(2560, 853), (400, 133)]),
        ((100, 2600), [(98, 2560), (12, 300)]),
        ((2560, 30), [(2560, 30), (400, 5)]),
        ((800, 600), [(800, 600), (400, 300)]),
        ((600, 800), [(600, 800), (225, 300)]),
        ((401, 301), [(401, 301), (400, 300)]),
        // Neither is ever enlarged.
        ((400, 300), [(400, 300), (400, 300)]),
        ((30, 20), [(30, 20), (30, 20)]),
        ((1, 1), [(1, 1), (1, 1)]),
        // A line stays one.
        ((6000, 1), [(2560, 1), (400, 1)]),
    ] {
        assert_eq!(kept_and_thumbnail(&making::png(&photo(width, height)), Format::Png), wanted, "{width} × {height}");
    }
}

#[test]
fn a_picture_of_a_message_is_turned_upright_and_says_nothing_but_its_pixels() {
    let upright = quadrants(400, 600);
    for number in 1..=8 {
        let exif = Exif { orientation: number, place: true }.bytes();
        let stored = making::jpeg(&making::stored_as(&upright, number), false);
        let made = for_message(&making::jpeg_with_exif(&stored, &exif), Format::Jpeg, &Limits::default()).unwrap();
        assert_eq!((made.width, made.height), (400, 600), "{number}");
        for file in &made.renditions {
            assert_quadrants(&open(file));
            let says = |word: &[u8]| file.bytes.windows(word.len()).any(|part| part == word);
            assert!(!says(b"Exif") && !says(b"a secret name"), "{number}");
        }
    }
}

#[test]
fn every_rejection_has_a_code_and_a_sentence() {
    use Rejection::{NotThisFormat, TooLarge, TooManyPixels, Truncated, Unreadable};
    for rejection in [NotThisFormat, Truncated, TooManyPixels, TooLarge, Unreadable] {
        assert!(rejection.code().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        assert!(!rejection.to_string().is_empty());
    }
}

fn small_limits() -> Limits {
    Limits { max_bytes: 1_000_000, max_pixels: 1_000_000, max_decoded_bytes: 4_000_000 }
}

fn begins_like(format: Format) -> Vec<u8> {
    format.magic().iter().map(|byte| byte.unwrap_or(b'9')).collect()
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_answered(which in 0..4_usize, honest: bool, tail: Vec<u8>) {
        let format = Format::ALL[which];
        let mut bytes = if honest { begins_like(format) } else { Vec::new() };
        bytes.extend(tail);
        prop_assert!(optimize(&bytes, format, &small_limits()).is_err());
    }

    #[test]
    fn a_damaged_file_is_answered(
        which in 0..8_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        early: bool,
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        thread_local!(static SAMPLES: Vec<(&'static str, Format, Vec<u8>)> = samples(&photo(64, 48)));
        let (_, format, mut bytes) = SAMPLES.with(|samples| samples[which].clone());
        for (at, value) in changes {
            // Damage to the headers is the more interesting.
            let end = if early { bytes.len().min(200) } else { bytes.len() };
            let at = at.index(end);
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            let length = cut.index(bytes.len());
            bytes.truncate(length);
        }
        let _ = optimize(&bytes, format, &small_limits());
    }
}
