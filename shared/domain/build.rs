//! Turns `data/*.json` into a Rust table and a compact binary of outlines, so that a function parses nothing
//! when it starts (rows P4, P5, L11).

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

type Outcome<T> = Result<T, Box<dyn Error>>;
type Point = (i32, i32);

/// The outlines are given to four decimals, about 10 m.
const UNITS_PER_DEGREE: f64 = 1e4;

fn main() -> Outcome<()> {
    for file in ["regions.json", "regions.geojson", "corrections.json"] {
        println!("cargo::rerun-if-changed=data/{file}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    let out = Path::new(&out);

    let table = Table::read()?;
    fs::write(out.join("regions.rs"), table.source()?)?;
    let (source, blob) = outlines(&table)?;
    fs::write(out.join("outlines.rs"), source)?;
    fs::write(out.join("outlines.bin"), blob)?;
    Ok(())
}

fn read(file: &str) -> Outcome<Vec<Value>> {
    let value: Value = serde_json::from_str(&fs::read_to_string(Path::new("data").join(file))?)?;
    let list = if value.is_array() { &value } else { &value["features"] };
    Ok(list.as_array().ok_or_else(|| format!("{file}: no list"))?.clone())
}

fn text(value: &Value, name: &str) -> Outcome<String> {
    Ok(value[name].as_str().ok_or_else(|| format!("no `{name}` in {value}"))?.to_owned())
}

struct Row {
    id: String,
    code: String,
    province: String,
    district: String,
    name_ko: String,
    name_en: String,
    city: Option<String>,
    lat: f64,
    lng: f64,
}

struct Table {
    rows: Vec<Row>,
    /// City id → its rows, the whole city's own row included where the data has one.
    cities: BTreeMap<String, Vec<usize>>,
    /// Spellings of an address beyond province and `name_ko`: (province, name, row).
    addresses: Vec<(String, String, usize)>,
}

impl Table {
    fn read() -> Outcome<Table> {
        let corrections = read("corrections.json")?;
        let mut corrections: BTreeMap<&str, &Value> =
            corrections.iter().map(|entry| (entry["id"].as_str().unwrap_or_default(), entry)).collect();
        let mut table = Table { rows: Vec::new(), cities: BTreeMap::new(), addresses: Vec::new() };

        for (index, entry) in read("regions.json")?.iter().enumerate() {
            let id = text(entry, "id")?;
            let (province, district) = (text(entry, "province")?, text(entry, "district")?);
            let official = text(entry, "districtKo")?;
            let correction = corrections.remove(id.as_str()).unwrap_or(&Value::Null);

            let within = district.split_once("-si-").map(|(city, rest)| (format!("{city}-si"), rest));
            let plain_en = match &within {
                Some((city, rest)) => format!("{}, {}", capitalised(rest), capitalised(city)),
                None => capitalised(&district),
            };
            let name_ko = correction["nameKo"].as_str().unwrap_or(&official).to_owned();
            let name_en = correction["nameEn"].as_str().map_or(plain_en, str::to_owned);
            let city = correction["city"].as_str().map(str::to_owned).or(within.map(|(city, _)| city));
            let city = city.map(|city| format!("{province}/{city}"));

            if let Some(city) = &city {
                table.cities.entry(city.clone()).or_default().push(index);
            }
            if name_ko != official {
                table.addresses.push((province.clone(), official, index));
            }
            for address in correction["addresses"].as_array().into_iter().flatten() {
                let part = |n: usize| address[n].as_str().ok_or_else(|| format!("{id}: addresses are pairs"));
                table.addresses.push((part(0)?.to_owned(), part(1)?.to_owned(), index));
            }
            table.rows.push(Row {
                code: text(entry, "code")?,
                lat: entry["lat"].as_f64().ok_or("no latitude")?,
                lng: entry["lng"].as_f64().ok_or("no longitude")?,
                id,
                province,
                district,
                name_ko,
                name_en,
                city,
            });
        }
        if let Some(id) = corrections.keys().next() {
            return Err(format!("corrections.json: no district `{id}`").into());
        }

        // A row that covers a whole divided city belongs to that city as well.
        for (index, row) in table.rows.iter_mut().enumerate() {
            if let Some(members) = table.cities.get_mut(&row.id) {
                members.push(index);
                members.sort_unstable();
                row.city = Some(row.id.clone());
            }
        }
        Ok(table)
    }

    fn is_whole_city(&self, index: usize) -> bool {
        self.rows[index].city.as_deref() == Some(self.rows[index].id.as_str())
    }

    fn source(&self) -> Outcome<String> {
        let mut s = String::new();
        let rows = &self.rows;
        if u8::try_from(rows.len()).is_err() {
            return Err("more districts than a byte can number".into());
        }
        writeln!(s, "static DISTRICTS: [District; {}] = [", rows.len())?;
        for Row { id, code, province, district, name_ko, name_en, city, lat, lng } in rows {
            writeln!(
                s,
                "District {{ id: {id:?}, code: {code:?}, province: {province:?}, district: {district:?}, name_ko: {name_ko:?}, \
                 name_en: {name_en:?}, city: {city:?}, lat: {lat:?}, lng: {lng:?} }},"
            )?;
        }
        let mut by_id: Vec<usize> = (0..rows.len()).collect();
        by_id.sort_by(|a, b| rows[*a].id.cmp(&rows[*b].id));
        if let Some(pair) = by_id.windows(2).find(|pair| rows[pair[0]].id == rows[pair[1]].id) {
            return Err(format!("`{}` twice", rows[pair[0]].id).into());
        }
        writeln!(s, "];\nstatic BY_ID: [u8; {}] = {by_id:?};", rows.len())?;
        writeln!(s, "static CITIES: [(&str, &[u8]); {}] = [", self.cities.len())?;
        for (city, members) in &self.cities {
            writeln!(s, "({city:?}, &{members:?}),")?;
        }
        writeln!(
            s,
            "];\nstatic OTHER_ADDRESSES: [(&str, &str, u8); {}] = {:?};",
            self.addresses.len(),
            self.addresses
        )?;
        Ok(s)
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The rings, those of the smallest district first, and their points: differences as zigzag varints, one or
/// two bytes a number.
///
/// Smallest first, because 청원군 has lost the hole for the city of 청주 it surrounds: what is found first is then
/// the more particular district.
fn outlines(table: &Table) -> Outcome<(String, Vec<u8>)> {
    let mut districts: Vec<(i64, usize, Vec<Vec<Point>>)> = Vec::new();
    for feature in read("regions.geojson")? {
        let id = feature["properties"]["id"].as_str().ok_or("a feature without id")?;
        let index = table.rows.iter().position(|row| row.id == id).ok_or_else(|| format!("no district `{id}`"))?;
        // The outline of a whole divided city would hide nothing its districts do not show.
        if table.is_whole_city(index) {
            continue;
        }
        let mut rings = Vec::new();
        for polygon in feature["geometry"]["coordinates"].as_array().ok_or("no polygons")? {
            match polygon.as_array().map(Vec::as_slice) {
                Some([outer]) => rings.push(ring(outer)?),
                _ => {
                    return Err(format!("{id}: a polygon with holes, which a list of rings cannot say").into());
                }
            }
        }
        districts.push((rings.iter().map(|ring| double_area(ring)).sum(), index, rings));
    }
    districts.sort_by_key(|(area, index, _)| (*area, *index));

    let mut blob = Vec::new();
    let mut entries = String::new();
    let mut count = 0;
    for (_, index, rings) in &districts {
        for ring in rings {
            let range = |values: &mut dyn Iterator<Item = i32>| {
                values.fold((i32::MAX, i32::MIN), |(low, high), v| (low.min(v), high.max(v)))
            };
            let (west, east) = range(&mut ring.iter().map(|p| p.0));
            let (south, north) = range(&mut ring.iter().map(|p| p.1));
            writeln!(
                entries,
                "Ring {{ district: {index}, points: {}, start: {}, west: {west}, east: {east}, south: {south}, north: {north} }},",
                ring.len(),
                blob.len()
            )?;
            count += 1;
            let mut last = (west, south);
            for point in ring {
                varint(&mut blob, point.0 - last.0);
                varint(&mut blob, point.1 - last.1);
                last = *point;
            }
        }
    }
    Ok((format!("static RINGS: [Ring; {count}] = [\n{entries}];\n"), blob))
}

/// A ring in whole units, without the point that repeats the first.
fn ring(positions: &Value) -> Outcome<Vec<Point>> {
    let mut points = Vec::new();
    for position in positions.as_array().ok_or("no ring")? {
        let unit = |n: usize| -> Outcome<i32> {
            let units = (position[n].as_f64().ok_or("no coordinate")? * UNITS_PER_DEGREE).round();
            Ok(units as i32)
        };
        points.push((unit(0)?, unit(1)?));
    }
    if points.pop() != points.first().copied() || points.len() < 3 {
        return Err("a ring that does not close".into());
    }
    Ok(points)
}

fn double_area(ring: &[Point]) -> i64 {
    let wide = |p: &Point| (i64::from(p.0), i64::from(p.1));
    let pairs = ring.iter().zip(ring.iter().cycle().skip(1));
    pairs.map(|(a, b)| (wide(a), wide(b))).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<i64>().abs()
}

fn varint(blob: &mut Vec<u8>, value: i32) {
    let mut rest = ((value << 1) ^ (value >> 31)) as u32;
    while rest >= 0x80 {
        blob.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    blob.push(rest as u8);
}
