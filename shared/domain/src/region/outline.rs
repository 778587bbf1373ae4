//! Which district a position lies in (row P4), from outlines that are linked into a binary only if it asks.

use super::{DISTRICTS, District};

/// One closed outline; a district has one for its mainland and one for each island. The box and the points
/// are in units of 0.0001°.
struct Ring {
    district: u8,
    points: u16,
    start: u32,
    west: i32,
    east: i32,
    south: i32,
    north: i32,
}

include!(concat!(env!("OUT_DIR"), "/outlines.rs"));

/// The points of every ring: each number is the difference from the one before, zigzag, as a varint.
static POINTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/outlines.bin"));

const UNITS_PER_DEGREE: f64 = 1e4;
const METRES_PER_UNIT: f64 = 11.1195;

/// The outlines are simplified to about 200 m and follow the coast: a harbour, a bridge or a gap between two
/// neighbours lies outside all of them.
const REACH_METRES: f64 = 2_000.0;

/// The district a position lies in, else the nearest within 2 km, else none: the sea, abroad, or no position
/// at all (row P4).
///
/// Never the row of a whole divided city: its districts are found instead.
pub fn at(lat: f64, lng: f64) -> Option<&'static District> {
    // Also false for NaN.
    if !((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lng)) {
        return None;
    }
    let (x, y) = (lng * UNITS_PER_DEGREE, lat * UNITS_PER_DEGREE);
    let ring = RINGS
        .iter()
        .find(|ring| ring.is_around(x, y, 0.0, 0.0) && ring.contains(x, y))
        .or_else(|| nearest(x, y, lat))?;
    DISTRICTS.get(usize::from(ring.district))
}

fn nearest(x: f64, y: f64, lat: f64) -> Option<&'static Ring> {
    let x_metres = METRES_PER_UNIT * lat.to_radians().cos();
    let reach = (REACH_METRES / x_metres, REACH_METRES / METRES_PER_UNIT);
    let near = RINGS.iter().filter(|ring| ring.is_around(x, y, reach.0, reach.1));
    near.map(|ring| (ring, ring.square_distance(x, y, x_metres)))
        .filter(|(_, distance)| *distance <= REACH_METRES * REACH_METRES)
        .min_by(|(_, a), (_, b)| a.total_cmp(b))
        .map(|(ring, _)| ring)
}

impl Ring {
    /// Whether the box, widened by a margin, holds the point.
    fn is_around(&self, x: f64, y: f64, x_margin: f64, y_margin: f64) -> bool {
        x >= f64::from(self.west) - x_margin
            && x <= f64::from(self.east) + x_margin
            && y >= f64::from(self.south) - y_margin
            && y <= f64::from(self.north) + y_margin
    }

    fn each_edge(&self, mut edge: impl FnMut((f64, f64), (f64, f64))) {
        let mut numbers = Numbers(POINTS.get(self.start as usize..).unwrap_or_default());
        let (mut x, mut y) = (self.west, self.south);
        let mut next = || {
            x += numbers.next();
            y += numbers.next();
            (f64::from(x), f64::from(y))
        };
        let first = next();
        let mut last = first;
        for _ in 1..self.points {
            let point = next();
            edge(last, point);
            last = point;
        }
        edge(last, first);
    }

    /// Counts how often a ray to the east crosses the outline.
    fn contains(&self, x: f64, y: f64) -> bool {
        let mut inside = false;
        self.each_edge(|a, b| {
            // From south to north always, so that two neighbours who share an edge round alike and one of
            // them holds the point.
            let (low, high) = if a.1 < b.1 { (a, b) } else { (b, a) };
            if low.1 <= y && y < high.1 && x < (high.0 - low.0) * (y - low.1) / (high.1 - low.1) + low.0 {
                inside = !inside;
            }
        });
        inside
    }

    /// In square metres, on a plane: good to a few metres over the 2 km that matter.
    fn square_distance(&self, x: f64, y: f64, x_metres: f64) -> f64 {
        let mut least = f64::INFINITY;
        self.each_edge(|a, b| {
            let metres = |p: (f64, f64)| ((p.0 - x) * x_metres, (p.1 - y) * METRES_PER_UNIT);
            let ((ax, ay), (bx, by)) = (metres(a), metres(b));
            let (dx, dy) = (bx - ax, by - ay);
            let length = dx * dx + dy * dy;
            let along = if length > 0.0 { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
            let (px, py) = (ax + along * dx, ay + along * dy);
            least = least.min(px * px + py * py);
        });
        least
    }
}

struct Numbers(&'static [u8]);

impl Numbers {
    fn next(&mut self) -> i32 {
        let mut value = 0_u32;
        let mut shift = 0;
        while let Some((byte, rest)) = self.0.split_first() {
            self.0 = rest;
            value |= u32::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 || shift > 28 {
                break;
            }
        }
        (value >> 1) as i32 ^ -((value & 1) as i32)
    }
}
