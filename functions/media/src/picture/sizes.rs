//! Which sizes a picture is offered in.

use super::orientation::Orientation;

/// Widths in pixels: a full screen, a page, a list.
const WIDTHS: [u32; 3] = [1600, 800, 320];

/// The longest side that a WebP file can state.
const LONGEST_SIDE: u32 = 16_383;

/// A strip of a thousand screens within the pixel limit would take seconds and hundreds of
/// megabytes to encode at full width; 1600 wide, this is reached at 6250 high.
const LARGEST_AREA: u64 = 10_000_000;

/// The longest side of a message's picture: a telephone's screen twice over.
const LONGEST_KEPT: u32 = 2560;

/// What a thumbnail fits into (row M3).
const THUMBNAIL: Size = Size { width: 400, height: 300 };

/// In pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Size {
    pub(super) fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The size after the picture is turned, and just as well the size before it.
    pub(super) fn turned(self, orientation: Orientation) -> Self {
        if orientation.swaps_sides() { Self { width: self.height, height: self.width } } else { self }
    }

    /// By how much both sides may be divided without getting below `wanted`; at least 1.
    pub(super) fn shrinks_to(self, wanted: Self) -> u32 {
        (self.width / wanted.width.max(1)).min(self.height / wanted.height.max(1)).max(1)
    }

    /// Both sides divided and rounded up.
    pub(super) fn divided(self, by: u32) -> Self {
        Self { width: self.width.div_ceil(by), height: self.height.div_ceil(by) }
    }
}

/// The sizes for an upright picture, largest first and never larger than it: its own width where
/// that is below 1600, and every standard width below that.
pub(super) fn plan(picture: Size) -> Vec<Size> {
    let largest = picture.width.min(WIDTHS[0]);
    let smaller = WIDTHS.into_iter().filter(|width| *width < largest);
    let mut sizes: Vec<Size> = std::iter::once(largest).chain(smaller).map(|width| fit(picture, width)).collect();
    // Two widths of a very long strip may be limited to the same size.
    sizes.dedup();
    sizes
}

/// The sizes of an upright picture of a message: the one that is kept, and its thumbnail. Both may be the same.
pub(super) fn of_message(picture: Size) -> Vec<Size> {
    let kept = Size { width: LONGEST_KEPT, height: LONGEST_KEPT };
    vec![within(picture, kept), within(picture, THUMBNAIL)]
}

/// As large as a frame allows, and never larger than the picture.
fn within(picture: Size, frame: Size) -> Size {
    let by_width = f64::from(frame.width) / f64::from(picture.width);
    let by_height = f64::from(frame.height) / f64::from(picture.height);
    let factor = by_width.min(by_height).min(1.0);
    let scale = |side: u32, most: u32| ((f64::from(side) * factor).round() as u32).clamp(1, most);
    Size { width: scale(picture.width, frame.width), height: scale(picture.height, frame.height) }
}

fn fit(picture: Size, width: u32) -> Size {
    let ratio = f64::from(width) / f64::from(picture.width);
    let height = ((f64::from(picture.height) * ratio).round() as u32).clamp(1, picture.height.max(1));
    let size = Size { width, height };

    let by_area = (LARGEST_AREA as f64 / size.area() as f64).sqrt();
    let by_side = f64::from(LONGEST_SIDE) / f64::from(width.max(height));
    let factor = by_area.min(by_side);
    if factor >= 1.0 {
        return size;
    }
    let scale = |side: u32| ((f64::from(side) * factor) as u32).clamp(1, LONGEST_SIDE);
    Size { width: scale(width), height: scale(height) }
}
