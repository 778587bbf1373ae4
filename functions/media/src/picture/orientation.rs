//! Which way up a camera was held.

use exif::{In, Tag};

/// The EXIF orientations by number: how to turn the stored picture to see it upright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Orientation {
    /// 1
    #[default]
    Upright,
    /// 2: left and right change places.
    Mirrored,
    /// 3: half a turn.
    UpsideDown,
    /// 4: top and bottom change places.
    Flipped,
    /// 5: rows become columns.
    Transposed,
    /// 6: a quarter turn clockwise.
    Clockwise,
    /// 7: rows become columns, from the other corner.
    Transverse,
    /// 8: a quarter turn counter-clockwise.
    CounterClockwise,
}

impl Orientation {
    /// Reads the TIFF structure that all formats embed. What cannot be read is upright: a broken
    /// note about the picture is no reason to refuse the picture.
    pub(super) fn read(exif: &[u8]) -> Self {
        // WebP and PNG files carry JPEG's prefix now and then.
        let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
        exif::Reader::new()
            .continue_on_error(true)
            .read_raw(tiff.to_vec())
            .or_else(|error| error.distill_partial_result(|_| ()))
            .ok()
            .and_then(|exif| exif.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0))
            .map_or(Self::Upright, Self::numbered)
    }

    pub(super) fn numbered(number: u32) -> Self {
        match number {
            2 => Self::Mirrored,
            3 => Self::UpsideDown,
            4 => Self::Flipped,
            5 => Self::Transposed,
            6 => Self::Clockwise,
            7 => Self::Transverse,
            8 => Self::CounterClockwise,
            _ => Self::Upright,
        }
    }

    /// Whether width and height change places.
    pub(super) fn swaps_sides(self) -> bool {
        matches!(self, Self::Transposed | Self::Clockwise | Self::Transverse | Self::CounterClockwise)
    }

    /// Moves every pixel of a `width` × `height` picture to where it belongs.
    pub(super) fn apply<P: Copy>(self, pixels: &[P], width: usize, height: usize) -> Vec<P> {
        let last = (width * height).saturating_sub(1);
        let right = width.saturating_sub(1);
        let bottom = last - right;
        // Where the first pixel of the result comes from, and whether the source columns and rows
        // are walked forwards.
        let (start, columns_forward, rows_forward) = match self {
            Self::Upright | Self::Transposed => (0, true, true),
            Self::Mirrored | Self::CounterClockwise => (right, false, true),
            Self::UpsideDown | Self::Transverse => (last, false, false),
            Self::Flipped | Self::Clockwise => (bottom, true, false),
        };
        let step = |from: usize, by: usize, forward: bool| if forward { from + by } else { from - by };

        let mut turned = Vec::with_capacity(pixels.len());
        if self.swaps_sides() {
            for column in 0..width {
                let top = step(start, column, columns_forward);
                turned.extend((0..height).map(|row| pixels[step(top, row * width, rows_forward)]));
            }
        } else {
            for row in 0..height {
                let left = step(start, row * width, rows_forward);
                turned.extend((0..width).map(|column| pixels[step(left, column, columns_forward)]));
            }
        }
        turned
    }
}
