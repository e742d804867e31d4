//! Places on the earth as numbers of 52 bits, after the public geohash: nearby places often have close numbers.
//!
//! Longitude and latitude are halved 26 times each and their bits interleaved, so that all places of a cell, and of
//! nothing else, have numbers in one range. A search looks at the cell of its centre and the eight around it.

/// Steps of a full hash.
pub const STEPS: u32 = 26;

/// The largest latitude that can be stored: that of the square Mercator map (EPSG:3857).
pub const LATITUDE_MAX: f64 = 85.051_128_78;
/// The largest longitude.
pub const LONGITUDE_MAX: f64 = 180.0;

/// The earth as a sphere, in metres: the quadratic mean radius that Redis calculates with.
const EARTH_RADIUS: f64 = 6_372_797.560_856;
/// Half the width of a Mercator map, in metres.
const MERCATOR_MAX: f64 = 20_037_726.37;
const DEGREE: f64 = std::f64::consts::PI / 180.0;

/// A place, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// East is positive.
    pub longitude: f64,
    /// North is positive.
    pub latitude: f64,
}

/// The bits that a score means. What is no place, since it was not stored as one, becomes what the usual processors
/// make of it, as in Redis: negative numbers count down from 2^64, and too large ones are 0.
fn bits_of(score: f64) -> u64 {
    const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;
    if score < 0.0 {
        score as i64 as u64
    } else if score < TWO_TO_64 {
        score as u64
    } else {
        0
    }
}

impl Place {
    /// Whether it can be stored.
    pub fn is_storable(self) -> bool {
        self.longitude.abs() <= LONGITUDE_MAX && self.latitude.abs() <= LATITUDE_MAX
    }

    /// The score that a sorted set keeps for it.
    pub fn score(self) -> f64 {
        Cell::of(self, STEPS, LATITUDE_MAX).bits() as f64
    }

    /// The middle of the cell that a score means.
    pub fn from_score(score: f64) -> Self {
        Cell::from_bits(bits_of(score)).middle()
    }

    /// The eleven characters of the public geohash, which reaches to the poles; the last one is always `0`.
    pub fn text(self) -> [u8; 11] {
        const ALPHABET: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";
        let bits = Cell::of(self, STEPS, 90.0).bits();
        let mut text = [b'0'; 11];
        for (place, slot) in text.iter_mut().take(10).enumerate() {
            let index = bits >> (47 - 5 * place) & 31;
            *slot = ALPHABET.get(index as usize).copied().unwrap_or(b'0');
        }
        text
    }

    /// Metres to another place, by the haversine formula.
    pub fn distance(self, other: Self) -> f64 {
        let v = libm::sin((other.longitude * DEGREE - self.longitude * DEGREE) / 2.0);
        if v == 0.0 {
            return self.latitude_distance(other);
        }
        let (from, to) = (self.latitude * DEGREE, other.latitude * DEGREE);
        let u = libm::sin((to - from) / 2.0);
        let a = u * u + libm::cos(from) * libm::cos(to) * v * v;
        2.0 * EARTH_RADIUS * libm::asin(a.sqrt())
    }

    fn latitude_distance(self, other: Self) -> f64 {
        EARTH_RADIUS * (other.latitude * DEGREE - self.latitude * DEGREE).abs()
    }
}

/// A cell of the map: one of `2^steps` columns and as many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Columns west of it.
    pub column: u32,
    /// Rows south of it.
    pub row: u32,
    /// How often the map was halved each way.
    pub steps: u32,
}

impl Cell {
    /// The cell of a place on a map that ends at some latitude.
    fn of(place: Place, steps: u32, latitude_max: f64) -> Self {
        let cells = (1u64 << steps) as f64;
        let index = |at: f64, max: f64| ((at + max) / (2.0 * max) * cells) as u32;
        Self {
            column: index(place.longitude, LONGITUDE_MAX),
            row: index(place.latitude, latitude_max),
            steps,
        }
    }

    fn from_bits(bits: u64) -> Self {
        Self { column: every_second(bits >> 1), row: every_second(bits), steps: STEPS }
    }

    /// Column and row with their bits in turn.
    fn bits(self) -> u64 {
        spread(self.row) | spread(self.column) << 1
    }

    /// The scores of its places: from the first up to below the second.
    pub fn scores(self) -> (u64, u64) {
        let shift = 2 * (STEPS - self.steps);
        (self.bits() << shift, (self.bits() + 1) << shift)
    }

    /// Its western, southern, eastern and northern border.
    pub fn borders(self) -> [f64; 4] {
        let cells = (1u64 << self.steps) as f64;
        let at = |index: f64, max: f64| -max + index / cells * (2.0 * max);
        let (column, row) = (f64::from(self.column), f64::from(self.row));
        [
            at(column, LONGITUDE_MAX),
            at(row, LATITUDE_MAX),
            at(column + 1.0, LONGITUDE_MAX),
            at(row + 1.0, LATITUDE_MAX),
        ]
    }

    fn middle(self) -> Place {
        let [west, south, east, north] = self.borders();
        Place {
            longitude: f64::midpoint(west, east).clamp(-LONGITUDE_MAX, LONGITUDE_MAX),
            latitude: f64::midpoint(south, north).clamp(-LATITUDE_MAX, LATITUDE_MAX),
        }
    }

    /// The cell so many columns east and rows north, around the map's edges.
    ///
    /// A place on the very edge is in a column or row beyond the last, which only a move leaves.
    fn neighbour(self, east: i32, north: i32) -> Self {
        let mask = ((1u64 << self.steps) - 1) as u32;
        let moved = |index: u32, by: i32| match by {
            0 => index,
            by => index.wrapping_add_signed(by) & mask,
        };
        Self { column: moved(self.column, east), row: moved(self.row, north), steps: self.steps }
    }
}

/// Bits moved to every second place.
fn spread(number: u32) -> u64 {
    (0..32).fold(0, |bits, place| bits | (u64::from(number) >> place & 1) << (2 * place))
}

/// Every second bit, moved together.
fn every_second(bits: u64) -> u32 {
    (0..32).fold(0, |number, place| number | ((bits >> (2 * place) & 1) as u32) << place)
}

/// What is searched around a place, in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// Up to a distance.
    Circle {
        /// That distance.
        radius: f64,
    },
    /// Up to half of this east and west, north and south.
    Box {
        /// From west to east.
        width: f64,
        /// From south to north.
        height: f64,
    },
}

impl Shape {
    /// The distance of a place from the centre, if it lies within the shape.
    pub fn distance_within(self, centre: Place, place: Place) -> Option<f64> {
        match self {
            Self::Circle { radius } => Some(centre.distance(place)).filter(|far| *far <= radius),
            Self::Box { width, height } => {
                let beside = Place { longitude: centre.longitude, ..place };
                let is_within = place.latitude_distance(centre) <= height / 2.0
                    && place.distance(beside) <= width / 2.0;
                is_within.then(|| centre.distance(place))
            }
        }
    }
}

/// A step of a search.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum GeoStep {
    /// What is searched, in degrees, and how small the cells are.
    Plan {
        /// The western end.
        west: f64,
        /// The southern end.
        south: f64,
        /// The eastern end.
        east: f64,
        /// The northern end.
        north: f64,
        /// How often the map is halved each way for a cell.
        steps: u32,
        /// How many cells are looked at.
        cells: usize,
    },
    /// The next cell is looked at; its borders in degrees.
    Cell {
        /// The western border.
        west: f64,
        /// The southern border.
        south: f64,
        /// The eastern border.
        east: f64,
        /// The northern border.
        north: f64,
        /// The lowest score in it.
        min: u64,
        /// The first score behind it.
        max: u64,
    },
    /// A member of the cell was compared with the shape.
    Candidate {
        /// Its score.
        score: f64,
        /// East is positive.
        longitude: f64,
        /// North is positive.
        latitude: f64,
        /// Metres from the centre.
        distance: f64,
        /// Whether it lies within the shape.
        is_within: bool,
    },
}

/// Which cells a search looks at.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// West, south, east and north end of what is searched.
    pub bounds: [f64; 4],
    /// Size of the cells.
    pub steps: u32,
    /// The cells in the order in which they are looked at, the centre's first.
    pub cells: Vec<Cell>,
}

impl Plan {
    /// The plan for a shape around a place. O(1).
    pub fn new(centre: Place, shape: Shape) -> Self {
        let bounds = bounds(centre, shape);
        let [west, south, east, north] = bounds;
        let radius = match shape {
            Shape::Circle { radius } => radius,
            Shape::Box { width, height } => {
                let (width, height) = (width / 2.0, height / 2.0);
                (width * width + height * height).sqrt()
            }
        };
        let mut steps = estimate_steps(radius, centre.latitude);
        let mut cell = Cell::of(centre, steps, LATITUDE_MAX);
        let border = |cell: Cell, (x, y): (i32, i32), side: usize| {
            cell.neighbour(x, y).borders().get(side).copied().unwrap_or(0.0)
        };
        let is_too_small = border(cell, (0, 1), 3) < north
            || border(cell, (0, -1), 1) > south
            || border(cell, (1, 0), 2) < east
            || border(cell, (-1, 0), 0) > west;
        if steps > 1 && is_too_small {
            steps -= 1;
            cell = Cell::of(centre, steps, LATITUDE_MAX);
        }
        let [cell_west, cell_south, cell_east, cell_north] = cell.borders();
        // A side that the centre's cell reaches beyond need not be looked at.
        let is_needed = |(x, y): (i32, i32)| {
            steps < 2
                || !((y < 0 && cell_south < south)
                    || (y > 0 && cell_north > north)
                    || (x < 0 && cell_west < west)
                    || (x > 0 && cell_east > east))
        };
        let mut cells = vec![cell];
        let around = [(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)];
        for (x, y) in around.into_iter().filter(|side| is_needed(*side)) {
            let next = cell.neighbour(x, y);
            // Around a small map the same cell comes twice in a row. Redis does not compare with the centre's cell.
            if cells.len() == 1 || cells.last() != Some(&next) {
                cells.push(next);
            }
        }
        Self { bounds, steps, cells }
    }
}

fn bounds(centre: Place, shape: Shape) -> [f64; 4] {
    let (width, height) = match shape {
        Shape::Circle { radius } => (radius, radius),
        Shape::Box { width, height } => (width / 2.0, height / 2.0),
    };
    let Place { longitude, latitude } = centre;
    let north_south = height / EARTH_RADIUS / DEGREE;
    // Degrees of longitude are shortest on the side of the nearer pole.
    let widest = if latitude < 0.0 { latitude - north_south } else { latitude + north_south };
    let east_west = width / EARTH_RADIUS / libm::cos(widest * DEGREE) / DEGREE;
    [longitude - east_west, latitude - north_south, longitude + east_west, latitude + north_south]
}

/// How small cells may be so that nine of them cover a circle, mostly.
fn estimate_steps(mut radius: f64, latitude: f64) -> u32 {
    if radius <= 0.0 {
        return STEPS;
    }
    let mut steps: u32 = 1;
    while radius < MERCATOR_MAX && steps < 64 {
        radius *= 2.0;
        steps += 1;
    }
    let latitude = latitude.abs();
    // Towards the poles cells are narrower.
    let narrow = u32::from(latitude > 66.0) + u32::from(latitude > 80.0);
    steps.saturating_sub(2 + narrow).clamp(1, STEPS)
}

#[cfg(test)]
mod tests {
    use redarium_structures::rng::Rng;

    use super::*;

    const PALERMO: Place = Place { longitude: 13.361_389, latitude: 38.115_556 };
    const CATANIA: Place = Place { longitude: 15.087_269, latitude: 37.502_669 };

    #[test]
    fn known_places_have_known_numbers() {
        assert_eq!(PALERMO.score() as u64, 3_479_099_956_230_698, "the score");
        let stored = Place::from_score(PALERMO.score());
        let middle = Place { longitude: 13.361_389_338_970_184, latitude: 38.115_556_395_496_3 };
        assert_eq!(stored, middle, "the middle of its cell");
        assert_eq!(&stored.text(), b"sqc8b49rny0", "as on every map");
        let far = stored.distance(Place::from_score(CATANIA.score()));
        assert!((far - 166_274.151_6).abs() < 0.000_1, "{far}");
    }

    #[test]
    fn the_cells_of_a_plan_hold_all_that_is_found() {
        let mut rng = Rng::new(7);
        let mut place = |scale: f64| Place {
            longitude: (rng.below(360_000) as f64 / 1000.0 - 180.0) * scale,
            latitude: (rng.below(170_000) as f64 / 1000.0 - 85.0) * scale,
        };
        let places: Vec<_> = (0..500).map(|_| Place::from_score(place(1.0).score())).collect();
        for round in 0..200 {
            let centre = place(0.7);
            let size = 1000.0 * f64::from(1 << (round % 12));
            let shape = if round % 2 == 0 {
                Shape::Circle { radius: size }
            } else {
                Shape::Box { width: 2.0 * size, height: size }
            };
            let plan = Plan::new(centre, shape);
            for &place in &places {
                let score = place.score() as u64;
                let is_in_plan = plan.cells.iter().any(|cell| {
                    let (from, to) = cell.scores();
                    (from..to).contains(&score)
                });
                let is_found = shape.distance_within(centre, place).is_some();
                assert!(is_in_plan || !is_found, "{place:?} around {centre:?}, {shape:?}");
            }
        }
    }
}
