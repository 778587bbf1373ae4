//! A picture in memory, and the reduction of one that arrives row by row.

use super::orientation::Orientation;
use super::sizes::Size;

/// Eight bits a channel, rows without gaps.
#[derive(Debug)]
pub(super) struct Pixels {
    pub(super) size: Size,
    /// Four channels instead of three. Colours are not multiplied by it.
    pub(super) alpha: bool,
    pub(super) bytes: Vec<u8>,
}

impl Pixels {
    /// Drops an alpha channel that says nothing: each later step is then a quarter cheaper.
    pub(super) fn without_needless_alpha(self) -> Self {
        if !self.alpha {
            return self;
        }
        let pixels = self.bytes.as_chunks::<4>().0;
        if pixels.iter().any(|[.., alpha]| *alpha != u8::MAX) {
            return self;
        }
        let opaque: Vec<_> = pixels.iter().map(|[red, green, blue, _]| [*red, *green, *blue]).collect();
        Self { alpha: false, bytes: opaque.into_flattened(), ..self }
    }

    pub(super) fn with_alpha(self) -> Self {
        if self.alpha {
            return self;
        }
        let pixels = self.bytes.as_chunks::<3>().0.iter();
        let opaque: Vec<_> = pixels.map(|[red, green, blue]| [*red, *green, *blue, u8::MAX]).collect();
        Self { alpha: true, bytes: opaque.into_flattened(), ..self }
    }

    /// As it looks on white paper; `None` if it is opaque already.
    pub(super) fn on_white(&self) -> Option<Vec<u8>> {
        self.alpha.then(|| {
            let pixels = self.bytes.as_chunks::<4>().0.iter();
            let flat: Vec<_> =
                pixels.map(|[red, green, blue, alpha]| [*red, *green, *blue].map(|c| over_white(c, *alpha))).collect();
            flat.into_flattened()
        })
    }

    pub(super) fn turned(self, orientation: Orientation) -> Self {
        if orientation == Orientation::Upright {
            return self;
        }
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        let bytes = if self.alpha {
            orientation.apply(self.bytes.as_chunks::<4>().0, width, height).into_flattened()
        } else {
            orientation.apply(self.bytes.as_chunks::<3>().0, width, height).into_flattened()
        };
        Self { size: self.size.turned(orientation), bytes, ..self }
    }
}

fn over_white(colour: u8, alpha: u8) -> u8 {
    let (colour, alpha) = (u32::from(colour), u32::from(alpha));
    ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// Averages squares of pixels while a picture is decoded, so that it is never whole in memory.
///
/// This is what a JPEG decoder does for free; the filter that follows hides the difference.
pub(super) struct Shrinker {
    from: Size,
    to: Size,
    by: u32,
    alpha: bool,
    sums: Vec<u32>,
    rows: u32,
    bytes: Vec<u8>,
}

impl Shrinker {
    /// More than this would overflow the sums of premultiplied colours long before it would help.
    const MOST: u32 = 16;

    pub(super) fn new(from: Size, wanted: Size, alpha: bool) -> Self {
        let by = from.shrinks_to(wanted).min(Self::MOST);
        let to = from.divided(by);
        let channels = if alpha { 4 } else { 3 };
        let sums = if by == 1 { Vec::new() } else { vec![0; to.width as usize * channels] };
        let bytes = Vec::with_capacity(to.width as usize * to.height as usize * channels);
        Self { from, to, by, alpha, sums, rows: 0, bytes }
    }

    /// Takes the next row, of as many channels as were announced.
    pub(super) fn push(&mut self, row: &[u8]) {
        if self.by == 1 {
            self.bytes.extend_from_slice(row);
            return;
        }
        if self.alpha {
            let squares = row.as_chunks::<4>().0.chunks(self.by as usize);
            for ([red, green, blue, alpha], pixels) in self.sums.as_chunks_mut::<4>().0.iter_mut().zip(squares) {
                for [r, g, b, a] in pixels {
                    let weight = u32::from(*a);
                    *red += u32::from(*r) * weight;
                    *green += u32::from(*g) * weight;
                    *blue += u32::from(*b) * weight;
                    *alpha += weight;
                }
            }
        } else {
            let squares = row.as_chunks::<3>().0.chunks(self.by as usize);
            for ([red, green, blue], pixels) in self.sums.as_chunks_mut::<3>().0.iter_mut().zip(squares) {
                for [r, g, b] in pixels {
                    *red += u32::from(*r);
                    *green += u32::from(*g);
                    *blue += u32::from(*b);
                }
            }
        }
        self.rows += 1;
        if self.rows == self.by {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.rows == 0 {
            return;
        }
        let last = self.to.width.saturating_sub(1);
        // The squares of the last column may be narrower.
        let narrow = self.from.width - last * self.by;
        let pixels = |column: u32| self.rows * if column == last { narrow } else { self.by };
        let mean = |sum: u32, count: u32| ((sum + count / 2) / count.max(1)) as u8;
        if self.alpha {
            for (column, [red, green, blue, alpha]) in (0..).zip(self.sums.as_chunks::<4>().0) {
                let colours = [*red, *green, *blue].map(|sum| mean(sum, *alpha));
                self.bytes.extend_from_slice(&colours);
                self.bytes.push(mean(*alpha, pixels(column)));
            }
        } else {
            for (column, sums) in (0..).zip(self.sums.as_chunks::<3>().0) {
                self.bytes.extend_from_slice(&sums.map(|sum| mean(sum, pixels(column))));
            }
        }
        self.sums.fill(0);
        self.rows = 0;
    }

    /// The reduced picture, or `None` if the rows do not add up to one.
    pub(super) fn finish(mut self) -> Option<Pixels> {
        self.flush();
        let channels = if self.alpha { 4 } else { 3 };
        let whole = self.bytes.len() as u64 == self.to.area() * channels;
        whole.then_some(Pixels { size: self.to, alpha: self.alpha, bytes: self.bytes })
    }
}
