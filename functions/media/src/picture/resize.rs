//! Making a picture smaller.

use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions};

use super::Rejection;
use super::pixels::Pixels;
use super::sizes::Size;

/// Keeps its scratch memory from one picture to the next.
pub(super) struct Resizer(fast_image_resize::Resizer);

impl Resizer {
    pub(super) fn new() -> Self {
        Self(fast_image_resize::Resizer::new())
    }

    /// Transparent pixels count for as much as they are seen.
    pub(super) fn to(&mut self, picture: Pixels, size: Size) -> Result<Pixels, Rejection> {
        if picture.size == size {
            return Ok(picture);
        }
        let kind = if picture.alpha { PixelType::U8x4 } else { PixelType::U8x3 };
        let from = Image::from_vec_u8(picture.size.width, picture.size.height, picture.bytes, kind)
            .map_err(|_| Rejection::Unreadable)?;
        let mut to = Image::new(size.width, size.height, kind);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3)).use_alpha(true);
        self.0.resize(&from, &mut to, &options).map_err(|_| Rejection::Unreadable)?;
        Ok(Pixels { size, alpha: picture.alpha, bytes: to.into_vec() })
    }
}
