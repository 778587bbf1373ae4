//! The blur that is shown until the picture is there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Rejection;
use super::pixels::Pixels;
use super::resize::Resizer;
use super::sizes::Size;

/// The longest side that the hash is defined for.
const SIDE: u32 = 100;

pub(super) fn of(picture: Pixels, resizer: &mut Resizer) -> Result<String, Rejection> {
    let Size { width, height } = picture.size;
    let longest = width.max(height).max(SIDE);
    let side = |side: u32| (side * SIDE / longest).max(1);
    let small = resizer.to(picture, Size { width: side(width), height: side(height) })?.with_alpha();
    let hash = thumbhash::rgba_to_thumb_hash(small.size.width as usize, small.size.height as usize, &small.bytes);
    Ok(STANDARD.encode(hash))
}
