//! Pictures: uploading, renditions, what is refused, what goes again (rows L2, M1, M3, M5, M7, B6).

use domain::time::{DAY, HOUR, MINUTE};
use futures::future::join_all;
use image::{GenericImageView, ImageFormat};
use serde_json::{Value, json};

use crate::{
    World,
    listings::{at, text},
    picture_bytes,
};

const GANGNAM: &str = "seoul/gangnam-gu";

fn png_bytes(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(vec![]);
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([200, 30, 30]));
    picture.write_to(&mut bytes, ImageFormat::Png).expect("an encoder that works");
    bytes.into_inner()
}

/// A PNG of a few bytes that says it has 3.6 thousand million pixels.
fn bomb() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let side = 60_000_u32.to_be_bytes();
    chunk(&mut png, b"IHDR", &[&side[..], &side[..], &[8, 2, 0, 0, 0]].concat());
    chunk(&mut png, b"IDAT", &[0x78, 0x9c, 0x63, 0, 0, 0, 1, 0, 1]);
    chunk(&mut png, b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap_or_default();
    png.extend(length.to_be_bytes());
    let body = [&kind[..], data].concat();
    let mut crc = u32::MAX;
    for byte in &body {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    png.extend(&body);
    png.extend((!crc).to_be_bytes());
}

const SECRET: &[u8] = b"37.4979N 127.0276E";

/// A JPEG whose camera was held sideways and wrote down where it was.
fn with_exif(jpeg: &[u8]) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
    // Orientation (0x0112), one SHORT, 6: a quarter turn.
    exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend(SECRET);
    let length = u16::try_from(exif.len() + 2).unwrap_or_default().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length[..], &exif[..], &jpeg[2..]].concat()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The event of a file that arrived.
fn arrived(id: &str) -> Value {
    json!({"Records": [{
        "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": "madang-local-media"}, "object": {"key": format!("uploads/{id}")}},
    }]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_uploaded_picture_becomes_renditions_that_are_never_larger_m1_m3_b6() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    for (width, height, widths) in
        [(2000, 500, vec![1600, 800, 320]), (400, 300, vec![400, 320]), (100, 50, vec![100]), (1, 1, vec![1])]
    {
        let bytes = picture_bytes(width, height);
        let begun = world.begin_upload(&minji, "listing", "image/jpeg", bytes.len()).await;
        assert_eq!(begun["status"], "waiting");
        assert_eq!(begun["upload"]["method"], "PUT");
        world.assert_moment(&begun["upload"]["expiresAt"], world.now().plus(15 * MINUTE));
        assert_eq!(world.upload(&begun, bytes).await, 200);
        world.settle().await;
        let shown = world.get(&format!("/media/{}", text(&begun["id"]))).by(&minji).expect(200).await;
        assert_eq!(shown.body["status"], "ready");
        let picture = &shown.body["picture"];
        assert_eq!((&picture["width"], &picture["height"]), (&json!(width), &json!(height)));
        assert!(!text(&picture["placeholder"]).is_empty());
        let renditions = picture["renditions"].as_array().cloned().unwrap_or_default();
        let made: Vec<_> = renditions.iter().map(|rendition| rendition["width"].clone()).collect();
        assert_eq!(json!(made), json!(widths), "{width} wide");
        for rendition in &renditions {
            for (format, content_type) in [("webp", "image/webp"), ("jpeg", "image/jpeg")] {
                let file = world.get(&text(&rendition[format])).expect(200).await;
                assert_eq!(file.header("content-type"), content_type);
                assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
                let decoded = image::load_from_memory(&file.bytes).expect("a rendition is a picture");
                assert_eq!(json!(decoded.dimensions().0), rendition["width"]);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_of_picture_is_taken_m1() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let picture = image::DynamicImage::ImageRgb8(image::RgbImage::from_pixel(40, 30, image::Rgb([9, 99, 200])));
    for (content_type, format) in [
        ("image/jpeg", ImageFormat::Jpeg),
        ("image/png", ImageFormat::Png),
        ("image/webp", ImageFormat::WebP),
        ("image/gif", ImageFormat::Gif),
    ] {
        let mut bytes = std::io::Cursor::new(vec![]);
        picture.write_to(&mut bytes, format).expect("an encoder that works");
        let bytes = bytes.into_inner();
        let begun = world.begin_upload(&minji, "profile", content_type, bytes.len()).await;
        assert_eq!(world.upload(&begun, bytes).await, 200);
        world.settle().await;
        let shown = world.get(&format!("/media/{}", text(&begun["id"]))).by(&minji).expect(200).await.body;
        assert_eq!(shown["status"], "ready", "{content_type}");
        assert_eq!(shown["purpose"], "profile");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_camera_wrote_down_is_stripped_and_the_picture_turned_upright_m1_b6() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let bytes = with_exif(&picture_bytes(400, 300));
    assert!(holds(&bytes, SECRET));
    let begun = world.begin_upload(&minji, "listing", "image/jpeg", bytes.len()).await;
    world.upload(&begun, bytes).await;
    world.settle().await;
    let shown = world.get(&format!("/media/{}", text(&begun["id"]))).by(&minji).expect(200).await.body;
    let picture = &shown["picture"];
    assert_eq!((&picture["width"], &picture["height"]), (&json!(300), &json!(400)));
    for rendition in picture["renditions"].as_array().into_iter().flatten() {
        for format in ["webp", "jpeg"] {
            let file = world.get(&text(&rendition[format])).expect(200).await;
            assert!(!holds(&file.bytes, SECRET) && !holds(&file.bytes, b"Exif"));
            let (width, height) = image::load_from_memory(&file.bytes).expect("a picture").dimensions();
            assert!(height > width, "upright");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_takes_only_the_type_and_the_length_it_was_given_for_m1() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let bytes = picture_bytes(40, 30);
    let begun = world.begin_upload(&minji, "listing", "image/jpeg", bytes.len()).await;
    let url = text(&begun["upload"]["url"]);
    let put = |content_type: &str, bytes: Vec<u8>| {
        world.ask(reqwest::Method::PUT, &url).header("content-type", content_type).bytes(bytes)
    };
    put("image/png", bytes.clone()).expect(403).await;
    put("text/html", bytes.clone()).expect(403).await;
    put("image/jpeg", bytes[1..].to_vec()).expect(403).await;
    put("image/jpeg", [bytes.clone(), vec![0]].concat()).expect(403).await;
    // Another key under the same signature is another address.
    let other = url.replace(&text(&begun["id"]), "med_01K9ZX3V5M8QJ4T0N2R6W7Y1ZZ");
    world.ask(reqwest::Method::PUT, &other).header("content-type", "image/jpeg").bytes(bytes.clone()).expect(403).await;
    world.get(&url).expect(403).await;
    world.settle().await;
    let shown = world.get(&format!("/media/{}", text(&begun["id"]))).by(&minji).expect(200).await.body;
    assert_eq!((&shown["status"], &shown["picture"]), (&json!("waiting"), &Value::Null));
    // It is still good for what it was given out for.
    put("image/jpeg", bytes).expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_sent_twice_makes_one_picture_and_what_came_in_is_removed_m1_b6() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let bytes = picture_bytes(400, 300);
    let begun = world.begin_upload(&minji, "listing", "image/jpeg", bytes.len()).await;
    let media = format!("/media/{}", text(&begun["id"]));
    assert_eq!(world.upload(&begun, bytes.clone()).await, 200);
    world.settle().await;
    let first = world.get(&media).by(&minji).expect(200).await.body;
    assert_eq!(world.upload(&begun, bytes).await, 200);
    world.settle().await;
    assert_eq!(world.get(&media).by(&minji).expect(200).await.body, first);
    // An event that comes late finds that all is done.
    let id = text(&begun["id"]);
    let again = world.invoke("media.optimize", arrived(&id)).await;
    assert_eq!(again, Ok(json!({"handled": [{"media": id, "outcome": "done before"}]})));
    world.get(&format!("/_cdn/uploads/{id}")).expect(403).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_function_may_run_twice_at_once_and_for_what_is_not_there_b6() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let bytes = picture_bytes(400, 300);
    let begun = world.begin_upload(&minji, "listing", "image/jpeg", bytes.len()).await;
    let id = text(&begun["id"]);
    // Before the file is there: an event that came early, or of another upload.
    let early = world.invoke("media.optimize", arrived(&id)).await;
    assert_eq!(early, Ok(json!({"handled": [{"media": id, "outcome": "gone"}]})));
    world.upload(&begun, bytes).await;
    let runs = join_all((0..3).map(|_| world.invoke("media.optimize", arrived(&id)))).await;
    assert!(runs.iter().all(Result::is_ok), "{runs:?}");
    world.settle().await;
    let shown = world.get(&format!("/media/{id}")).by(&minji).expect(200).await.body;
    assert_eq!(shown["status"], "ready");
    world.get(&text(&shown["picture"]["renditions"][0]["webp"])).expect(200).await;
    let unknown = "med_01K9ZX3V5M8QJ4T0N2R6W7Y1ZZ";
    let nothing = world.invoke("media.optimize", arrived(unknown)).await;
    assert_eq!(nothing, Ok(json!({"handled": [{"media": unknown, "outcome": "unknown"}]})));
    let odd = world.invoke("media.optimize", arrived("../secret")).await;
    assert_eq!(odd, Ok(json!({"handled": []})));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_the_picture_it_claims_is_rejected_with_a_reason_and_removed_m1() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let whole = picture_bytes(400, 300);
    for (content_type, bytes, reason) in [
        ("image/jpeg", b"<script>alert(1)</script>".to_vec(), "not_this_format"),
        ("image/jpeg", png_bytes(40, 30), "not_this_format"),
        ("image/png", whole.clone(), "not_this_format"),
        ("image/jpeg", whole[..whole.len() / 2].to_vec(), "truncated"),
        ("image/png", bomb(), "too_many_pixels"),
        ("image/gif", b"GIF89a".to_vec(), "truncated"),
    ] {
        let begun = world.begin_upload(&minji, "listing", content_type, bytes.len()).await;
        let id = text(&begun["id"]);
        assert_eq!(world.upload(&begun, bytes).await, 200);
        world.settle().await;
        let shown = world.get(&format!("/media/{id}")).by(&minji).expect(200).await.body;
        assert_eq!((&shown["status"], &shown["rejection"]), (&json!("rejected"), &json!(reason)));
        assert_eq!(shown["picture"], Value::Null);
        // Told again, the function does nothing more.
        let again = world.invoke("media.optimize", arrived(&id)).await;
        assert_eq!(again, Ok(json!({"handled": [{"media": id, "outcome": "done before"}]})));
        world.delete(&format!("/media/{id}")).by(&minji).expect(204).await;
    }
    let faults = world.log_of("media.optimize").iter().filter(|line| line["status"] != 200).count();
    assert_eq!(faults, 0, "a bad file is no fault of the function");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_is_of_a_known_type_and_purpose_and_at_most_5_megabytes_m1() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let good = json!({"purpose": "listing", "contentType": "image/jpeg", "size": 5 * 1024 * 1024});
    world.post("/media", good.clone()).by(&minji).expect(201).await;
    world.post("/media", good.clone()).expect(401).await;
    for (name, value, status, code) in [
        ("size", json!(0), 422, "too_small"),
        ("size", json!(-1), 422, "too_small"),
        ("size", json!(5 * 1024 * 1024 + 1), 422, "too_large"),
        ("size", json!("100"), 400, "wrong_type"),
        ("size", json!(1.5), 400, "wrong_type"),
        ("contentType", json!("image/svg+xml"), 400, "unknown_value"),
        ("contentType", json!("text/html"), 400, "unknown_value"),
        ("purpose", json!("banner"), 400, "unknown_value"),
        ("key", json!("../../etc"), 400, "unknown_field"),
    ] {
        let mut body = good.clone();
        body[name] = value.clone();
        let reply = world.post("/media", body).by(&minji).expect(status).await;
        let field = format!("/{name}");
        assert_eq!(reply.bad_fields().get(&field).map(String::as_str), Some(code), "{name}: {value}");
    }
    let reply = world.post("/media", json!({})).by(&minji).refused(400, "malformed_fields").await;
    assert_eq!(reply.bad_fields().len(), 3, "every missing field is named");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_for_an_address_again_begins_one_upload_m1() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let body = json!({"purpose": "listing", "contentType": "image/jpeg", "size": 100});
    let begin = || world.post("/media", body.clone()).by(&minji).header("idempotency-key", "one");
    let first = begin().expect(201).await;
    let again = begin().expect(201).await;
    assert_eq!(again.body, first.body);
    let mut other = body.clone();
    other["size"] = json!(101);
    let reused = world.post("/media", other).by(&minji).header("idempotency-key", "one");
    reused.refused(422, "idempotency_key_reused").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_uploads_may_be_begun_at_once_and_then_one_a_minute_m1() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let body = json!({"purpose": "listing", "contentType": "image/jpeg", "size": 100});
    for _ in 0..60 {
        world.post("/media", body.clone()).by(&minji).expect(201).await;
    }
    let refused = world.post("/media", body.clone()).by(&minji).refused(429, "too_many_requests").await;
    let seconds: i64 = refused.header("retry-after").parse().unwrap_or_default();
    assert!((60..=61).contains(&seconds), "a minute, rounded up: {seconds}");
    world.post("/media", body.clone()).by(&junho).expect(201).await;
    world.stop_clock_at(world.now().plus(MINUTE));
    world.post("/media", body.clone()).by(&minji).expect(201).await;
    world.post("/media", body).by(&minji).refused(429, "too_many_requests").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_is_seen_and_removed_by_its_owner_alone_m5() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let id = world.picture(&minji, "listing").await;
    let media = format!("/media/{id}");
    world.get(&media).expect(401).await;
    world.delete(&media).expect(401).await;
    world.get(&media).by(&junho).refused(404, "not_found").await;
    world.delete(&media).by(&junho).refused(404, "not_found").await;
    let shown = world.get(&media).by(&minji).expect(200).await;
    world.get(&media).by(&minji).header("if-none-match", shown.header("etag")).expect(304).await;
    let rendition = text(&shown.body["picture"]["renditions"][0]["jpeg"]);
    world.get(&rendition).expect(200).await;
    world.delete(&media).by(&minji).expect(204).await;
    world.settle().await;
    world.get(&media).by(&minji).refused(404, "not_found").await;
    world.delete(&media).by(&minji).refused(404, "not_found").await;
    world.get(&rendition).expect(403).await;
    for path in ["/media/lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB", "/media/x", "/media/med_01K9ZX3V5M8QJ4T0N2R6W7Y1ZZ"] {
        world.get(path).by(&minji).refused(404, "not_found").await;
        world.delete(path).by(&minji).refused(404, "not_found").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_in_use_is_taken_out_of_its_listing_before_it_is_removed_m5() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let id = world.picture(&minji, "listing").await;
    let media = format!("/media/{id}");
    let listing = world.barter(&minji, json!({"pictures": [id]})).await;
    world.delete(&media).by(&minji).refused(409, "media_in_use").await;
    world.delete(&media).by(&junho).refused(404, "not_found").await;
    world.patch(&at(&listing), json!({"version": 1, "pictures": []})).by(&minji).expect(200).await;
    world.delete(&media).by(&minji).expect(204).await;
    world.settle().await;
    world.get(&text(&listing["cover"]["renditions"][0]["webp"])).expect(403).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_without_pictures_has_no_cover_and_the_client_draws_its_own_m7() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    assert_eq!((&listing["cover"], &listing["pictures"]), (&Value::Null, &json!([])));
    assert_eq!(listing["owner"]["image"], Value::Null);
    world.settle().await;
    assert_eq!(world.get("/listings").expect(200).await.body["items"][0]["cover"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nothing_has_used_for_a_day_goes_and_what_is_used_stays_m1_m5() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let (unused, used) = (world.picture(&minji, "listing").await, world.picture(&minji, "listing").await);
    let waiting = text(&world.begin_upload(&minji, "listing", "image/jpeg", 100).await["id"]);
    let listing = world.rental(&minji, json!({"pictures": [used]})).await;
    let shown = world.get(&format!("/media/{unused}")).by(&minji).expect(200).await.body;
    let rendition = text(&shown["picture"]["renditions"][0]["webp"]);
    let sweep = || async {
        let event = json!({"source": "aws.events", "time": world.now().to_string(), "detail": {}});
        let answer = world.invoke("media.sweep", event).await.expect("the schedule does not fail");
        world.settle().await;
        answer
    };
    world.stop_clock_at(world.now().plus(DAY - 1));
    assert_eq!(sweep().await, json!({"removed": 0, "finished": true}));
    world.stop_clock_at(world.now().plus(1));
    assert_eq!(sweep().await, json!({"removed": 2, "finished": true}));
    assert_eq!(sweep().await, json!({"removed": 0, "finished": true}));
    let minji = world.sign_in(&minji.email).await;
    world.get(&format!("/media/{unused}")).by(&minji).refused(404, "not_found").await;
    world.get(&format!("/media/{waiting}")).by(&minji).refused(404, "not_found").await;
    world.get(&rendition).expect(403).await;
    world.get(&format!("/media/{used}")).by(&minji).expect(200).await;
    world.get(&text(&listing["cover"]["renditions"][0]["webp"])).expect(200).await;
    // What a listing lets go of goes at the next sweep.
    world.patch(&at(&listing), json!({"version": 1, "pictures": []})).by(&minji).expect(200).await;
    world.stop_clock_at(world.now().plus(HOUR));
    assert_eq!(sweep().await["removed"], 1);
    world.get(&text(&listing["cover"]["renditions"][0]["webp"])).expect(403).await;
}
