//! The pictures that are measured: `make_pictures FOLDER` writes the same three each time.
//!
//! Clouds of noise at every scale compress about as photos do; hard edges and grain stand for the
//! things in them and for the camera.

use std::error::Error;
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use mozjpeg::{ColorSpace, Compress};
use webpx::{EncoderConfig, Unstoppable};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: make_pictures FOLDER")?);
    fs::create_dir_all(&folder)?;

    let photo = scene(4000, 3000, false);
    fs::write(folder.join("photo-12mp.jpg"), jpeg(&photo, 92.0)?)?;

    let mut png = Cursor::new(Vec::new());
    scene(1730, 1156, true).write_to(&mut png, ImageFormat::Png)?;
    fs::write(folder.join("cutout-2mp.png"), png.into_inner())?;

    let photo = scene(2592, 1944, false).into_rgb8();
    let webp = EncoderConfig::new().quality(88.0).encode_rgb(photo.as_raw(), 2592, 1944, Unstoppable)?;
    fs::write(folder.join("photo-5mp.webp"), webp)?;
    Ok(())
}

/// As cameras write it: baseline, half the colour resolution.
fn jpeg(image: &DynamicImage, quality: f32) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut encoder = Compress::new(ColorSpace::JCS_RGB);
    encoder.set_fastest_defaults();
    encoder.set_size(image.width() as usize, image.height() as usize);
    encoder.set_quality(quality);
    let mut encoder = encoder.start_compress(Vec::new())?;
    encoder.write_scanlines(image.to_rgb8().as_raw())?;
    Ok(encoder.finish()?)
}

fn scene(width: u32, height: u32, cutout: bool) -> DynamicImage {
    let scale = 4000.0 / width as f32;
    let image = RgbaImage::from_fn(width, height, |x, y| {
        let (left, top) = (x as f32 * scale, y as f32 * scale);
        let light = clouds(left, top, 1);
        let tint = clouds(left * 0.3, top * 0.3, 2);
        let sky = top / 3000.0;
        // Seven discs, lit from one side.
        let disc = (0..7).find_map(|at| {
            let centre = (500.0 + 500.0 * at as f32, 700.0 + 1600.0 * hash(at, 3, 3));
            let (across, down) = (left - centre.0, top - centre.1);
            let radius = 150.0 + 250.0 * hash(at, 5, 5);
            (across.hypot(down) < radius).then_some((at, 0.5 - across / radius * 0.4))
        });
        let grain = (hash(x, y, 7) - 0.5) * 0.08;
        let colours = match disc {
            Some((at, shade)) => {
                [hash(at, 1, 9), hash(at, 2, 9), hash(at, 3, 9)].map(|c| c * 0.6 + shade * 0.4 + light * 0.2 - 0.1)
            }
            None => [0.35 + 0.4 * sky + 0.3 * tint, 0.4 + 0.2 * sky, 0.7 - 0.3 * sky + 0.2 * (1.0 - tint)]
                .map(|c| c * (0.35 + light)),
        };
        let [red, green, blue] = colours.map(|c| ((c + grain).clamp(0.0, 1.0) * 255.0) as u8);
        // Cut out softly, as hair is.
        let edge = (left - 2000.0).hypot(top - 1400.0) + 500.0 * light;
        let alpha = if cutout { ((1500.0 - edge) / 60.0).clamp(0.0, 1.0) } else { 1.0 };
        Rgba([red, green, blue, (alpha * 255.0) as u8])
    });
    image.into()
}

/// Nine octaves of smooth noise, the finest a few pixels wide.
fn clouds(x: f32, y: f32, seed: u32) -> f32 {
    let mut sum = 0.0;
    let mut weight = 0.5;
    let mut wave = 1024.0;
    for octave in 0..9 {
        sum += weight * smooth(x / wave, y / wave, seed * 16 + octave);
        weight *= 0.85;
        wave *= 0.5;
    }
    sum * 0.39
}

fn smooth(x: f32, y: f32, seed: u32) -> f32 {
    let (column, row) = (x as u32, y as u32);
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (across, down) = (ease(x.fract()), ease(y.fract()));
    let mix = |from: f32, to: f32, by: f32| from + (to - from) * by;
    let row_at = |row| mix(hash(column, row, seed), hash(column + 1, row, seed), across);
    mix(row_at(row), row_at(row + 1), down)
}

/// From nought to one.
fn hash(x: u32, y: u32, seed: u32) -> f32 {
    let mut mixed = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77) ^ seed.wrapping_mul(0xC2B2_AE3D);
    for factor in [0x7FEB_352D, 0x846C_A68B] {
        mixed = (mixed ^ mixed >> 15).wrapping_mul(factor);
    }
    (mixed >> 8) as f32 / 16_777_216.0
}
