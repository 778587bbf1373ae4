//! A cloud for one test, and how a client asks it: the laptop's, in memory and its own, or a deployment, emptied for it.

use std::{collections::BTreeMap, io::Cursor};

use domain::time::{HOUR, Time};
use files::PrivateFiles;
use image::{ImageFormat, Rgb, RgbImage};
use local::{BUCKET, Cloud, Options, seed};
use ports::Connections;
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use store::Table;

use crate::deployment::Deployment;

/// The code in every mail.
pub const CODE: &str = "123456";

/// A cloud for one test. The laptop's clock stands at 2026-11-21T03:00:00Z until the test moves it; a deployment's runs.
pub struct World {
    place: Place,
    http: reqwest::Client,
}

enum Place {
    Laptop(Box<Cloud>),
    Deployed(Box<Deployment>),
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub id: String,
    /// The address.
    pub email: String,
    /// The access token.
    pub token: String,
    /// The ID token.
    pub id_token: String,
    /// The refresh token.
    pub refresh: String,
}

impl World {
    /// An empty cloud.
    pub async fn new() -> Self {
        Self::with(false).await
    }

    /// A cloud with the demo people in it.
    pub async fn seeded() -> Self {
        Self::with(true).await
    }

    /// A laptop's table that nobody but the test writes to: no function follows what changes in it.
    pub async fn unfollowed() -> Self {
        let options = Options {
            followed: false,
            stopped_at: Time::parse(seed::SEED_TIME).ok(),
            fixed_code: Some(CODE.to_owned()),
            ..Options::default()
        };
        let cloud = Cloud::start(options).await.expect("the laptop's cloud starts");
        Self { place: Place::Laptop(Box::new(cloud)), http: reqwest::Client::new() }
    }

    async fn with(seeded: bool) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client without a certificate store always builds");
        if let Some(deployment) = Deployment::named() {
            deployment.empty().await;
            let world = Self { place: Place::Deployed(Box::new(deployment)), http };
            if seeded {
                world.people_move_in().await;
            }
            return world;
        }
        let cloud = Cloud::start(Options {
            seeded,
            stopped_at: Time::parse(seed::SEED_TIME).ok(),
            fixed_code: Some(CODE.to_owned()),
            ..Options::default()
        })
        .await
        .expect("a cloud in memory always starts");
        Self { place: Place::Laptop(Box::new(cloud)), http }
    }

    /// The demo people sign up as everybody does; what they put up on the laptop is not there.
    async fn people_move_in(&self) {
        for person in &seed::PEOPLE {
            let name = person.email.split('@').next().unwrap_or_default();
            self.member(name, person.nickname, person.region).await;
            if let Place::Deployed(deployment) = &self.place {
                deployment.join_groups(person.email, person.groups).await;
            }
        }
    }

    /// The laptop's own powers: a clock that can be moved, a log that can be read, faults.
    ///
    /// # Panics
    /// On a deployment; such a test stands in `tests/deploy/laptop-only.txt`.
    pub fn laptop(&self) -> &Cloud {
        match &self.place {
            Place::Laptop(cloud) => cloud,
            Place::Deployed(_) => panic!("this test needs the laptop's cloud: name it in tests/deploy/laptop-only.txt"),
        }
    }

    /// The address of the API, no slash at the end.
    pub fn url(&self) -> &str {
        match &self.place {
            Place::Laptop(cloud) => cloud.url(),
            Place::Deployed(deployment) => deployment.url(),
        }
    }

    /// The table, to look into.
    pub fn table(&self) -> Table {
        match &self.place {
            Place::Laptop(cloud) => cloud.table(),
            Place::Deployed(deployment) => deployment.table(),
        }
    }

    /// Invokes a function with an event, as an event source would.
    ///
    /// # Errors
    /// Type and message of the function's error.
    pub async fn invoke(&self, name: &str, event: Value) -> Result<Value, String> {
        match &self.place {
            Place::Laptop(cloud) => cloud.invoke(name, event).await,
            Place::Deployed(deployment) => deployment.invoke(name, event).await,
        }
    }

    /// The mails to an address, the newest first.
    pub async fn mails(&self, to: &str) -> Vec<Value> {
        match &self.place {
            Place::Laptop(_) => {
                let reply = self.get(&format!("/_local/mail?to={to}")).expect(200).await;
                reply.body["items"].as_array().cloned().unwrap_or_default()
            }
            Place::Deployed(deployment) => deployment.mails(to).await,
        }
    }

    /// The address of the WebSocket API.
    pub fn socket_url(&self) -> String {
        match &self.place {
            Place::Laptop(cloud) => format!("{}/live", cloud.url().replace("http://", "ws://")),
            Place::Deployed(deployment) => deployment.socket_url().to_owned(),
        }
    }

    /// The connections that are open, the oldest first.
    pub async fn sockets(&self) -> Vec<Value> {
        match &self.place {
            Place::Laptop(_) => {
                let listed = self.get("/_local/sockets").expect(200).await.body;
                listed["items"].as_array().cloned().unwrap_or_default()
            }
            Place::Deployed(deployment) => deployment.sockets().await,
        }
    }

    /// What functions reach connections with.
    pub fn connections(&self) -> Connections {
        match &self.place {
            Place::Laptop(cloud) => Connections::new(&cloud.sdk(), &format!("{}/live", cloud.url())),
            Place::Deployed(deployment) => deployment.connections(),
        }
    }

    /// What gives out addresses of messages' files, as an administrator.
    pub fn private_files(&self) -> PrivateFiles {
        match &self.place {
            Place::Laptop(cloud) => PrivateFiles::new(&cloud.sdk(), BUCKET),
            Place::Deployed(deployment) => deployment.private_files(),
        }
    }

    /// Whether this is a deployment, whose gateway may be another's.
    pub fn is_deployed(&self) -> bool {
        matches!(self.place, Place::Deployed(_))
    }

    /// What time it is.
    pub fn now(&self) -> Time {
        match &self.place {
            Place::Laptop(cloud) => cloud.clock().now(),
            Place::Deployed(deployment) => deployment.now(),
        }
    }

    /// A full hour some hours from now, as JSON has it.
    pub fn in_hours(&self, hours: i64) -> String {
        let hour = self.now().ms().div_euclid(HOUR);
        Time::from_ms((hour + hours) * HOUR).to_string()
    }

    /// Checks a moment that a reply names: to the millisecond on the laptop, whose clock stands still, within seconds where
    /// it runs.
    pub fn assert_moment(&self, told: &Value, expected: Time) {
        let moment = told.as_str().and_then(|text| Time::parse(text).ok()).expect("a moment");
        let leeway = if self.is_deployed() { 10_000 } else { 0 };
        assert!((moment.ms() - expected.ms()).abs() <= leeway, "{moment} is not {expected}");
    }

    /// Sets the clock and runs nothing.
    pub fn stop_clock_at(&self, time: Time) {
        self.laptop().clock().stop_at(time);
    }

    /// Moves the clock ahead and runs what fell due.
    pub async fn pass_hours(&self, hours: i64) {
        self.laptop().move_clock(self.now().plus(hours * HOUR)).await;
    }

    /// Waits for all that follows from what was done.
    pub async fn settle(&self) {
        match &self.place {
            Place::Laptop(cloud) => cloud.settled().await,
            Place::Deployed(deployment) => deployment.settled().await,
        }
    }

    /// A request.
    pub fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url()) };
        Ask { world: self, request: self.http.request(method, url) }
    }

    /// `GET path`.
    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    /// `POST path` with a JSON body.
    pub fn post(&self, path: &str, body: Value) -> Ask<'_> {
        self.ask(Method::POST, path).json(&body)
    }

    /// `PUT path` with a JSON body.
    pub fn put(&self, path: &str, body: Value) -> Ask<'_> {
        self.ask(Method::PUT, path).json(&body)
    }

    /// `PATCH path` with a JSON body.
    pub fn patch(&self, path: &str, body: Value) -> Ask<'_> {
        self.ask(Method::PATCH, path).json(&body)
    }

    /// `DELETE path`.
    pub fn delete(&self, path: &str) -> Ask<'_> {
        self.ask(Method::DELETE, path)
    }

    /// Signs somebody up, confirms, and signs them in; they have no region yet.
    pub async fn newcomer(&self, name: &str, nickname: &str) -> Person {
        let email = format!("{name}@example.com");
        let body = json!({
            "email": email, "password": seed::PASSWORD, "nickname": nickname, "agreesToTerms": true,
        });
        self.post("/auth/sign-up", body).expect(201).await;
        self.post("/auth/sign-up/confirm", json!({"email": email, "code": CODE})).expect(204).await;
        self.sign_in(&email).await
    }

    /// Signs somebody up who lives in a district.
    pub async fn member(&self, name: &str, nickname: &str, region: &str) -> Person {
        let newcomer = self.newcomer(name, nickname).await;
        self.patch("/me", json!({"version": 1, "region": region})).by(&newcomer).expect(200).await;
        // The district travels in the token.
        self.sign_in(&newcomer.email).await
    }

    /// Signs in whoever has the demo password.
    pub async fn sign_in(&self, email: &str) -> Person {
        let body = json!({"email": email, "password": seed::PASSWORD, "refreshTokenIn": "body"});
        let session = self.post("/auth/session", body).expect(200).await.body;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Person {
            id: text(&session["account"]["id"]),
            email: email.to_owned(),
            token: text(&session["accessToken"]),
            id_token: text(&session["idToken"]),
            refresh: text(&session["refreshToken"]),
        }
    }

    /// A demo person of a seeded cloud, signed in.
    pub async fn demo(&self, name: &str) -> Person {
        self.sign_in(&format!("{name}@example.com")).await
    }

    /// Uploads a picture that is ready, and gives its identifier.
    pub async fn picture(&self, person: &Person, purpose: &str) -> String {
        let bytes = picture_bytes(400, 300);
        let begun = self.begin_upload(person, purpose, "image/jpeg", bytes.len()).await;
        self.upload(&begun, bytes).await;
        self.settle().await;
        begun["id"].as_str().unwrap_or_default().to_owned()
    }

    /// `POST /media`.
    pub async fn begin_upload(&self, person: &Person, purpose: &str, content_type: &str, size: usize) -> Value {
        let body = json!({"purpose": purpose, "contentType": content_type, "size": size});
        self.post("/media", body).by(person).expect(201).await.body
    }

    /// Sends a file to where the reply to `POST /media` says; answers with the status.
    pub async fn upload(&self, begun: &Value, bytes: Vec<u8>) -> u16 {
        let address = &begun["upload"];
        let mut ask = self.ask(Method::PUT, address["url"].as_str().unwrap_or_default());
        for (name, value) in address["headers"].as_object().into_iter().flatten() {
            if name != "content-length" && name != "host" {
                ask = ask.header(name, value.as_str().unwrap_or_default());
            }
        }
        let status = ask.bytes(bytes).send().await.status;
        if let (200, Place::Deployed(deployment)) = (status, &self.place) {
            deployment.uploaded(begun["id"].as_str().unwrap_or_default());
        }
        status
    }

    /// Puts something up for barter, with changes to the usual body.
    pub async fn barter(&self, person: &Person, changes: Value) -> Value {
        let mut body = json!({
            "kind": "barter", "title": "자전거", "description": "잘 나갑니다", "category": "sports",
            "wants": "캠핑 의자", "deadline": self.in_hours(24),
        });
        merge(&mut body, changes);
        self.post("/listings", body).by(person).expect(201).await.body
    }

    /// Puts something up for rent, with changes to the usual body.
    pub async fn rental(&self, person: &Person, changes: Value) -> Value {
        let mut body = json!({
            "kind": "rental", "title": "전동 드릴", "description": "비트 포함", "category": "household",
            "section": "lend", "price": 5000, "unit": "day",
        });
        merge(&mut body, changes);
        self.post("/listings", body).by(person).expect(201).await.body
    }

    /// The titles of a page.
    pub async fn titles(&self, path: &str) -> Vec<String> {
        titles_in(&self.get(path).expect(200).await.body)
    }

    /// The log lines of a route.
    pub fn log_of(&self, route: &str) -> Vec<Value> {
        self.laptop().log().into_iter().filter(|line| line["route"] == route).collect()
    }
}

/// The titles in a page.
pub fn titles_in(page: &Value) -> Vec<String> {
    page["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| item["title"].as_str().unwrap_or_default().to_owned())
        .collect()
}

fn merge(body: &mut Value, changes: Value) {
    if let (Some(body), Value::Object(changes)) = (body.as_object_mut(), changes) {
        for (name, value) in changes {
            body.insert(name, value);
        }
    }
}

/// A request under way.
pub struct Ask<'a> {
    world: &'a World,
    request: reqwest::RequestBuilder,
}

impl Ask<'_> {
    /// By somebody.
    #[must_use]
    pub fn by(self, person: &Person) -> Self {
        self.token(&person.token)
    }

    /// With a bearer token.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With a header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        Self { request: self.request.header("content-type", "application/json").body(body.to_string()), ..self }
    }

    /// With a body as it is.
    #[must_use]
    pub fn bytes(self, body: Vec<u8>) -> Self {
        Self { request: self.request.body(body), ..self }
    }

    /// Sends it and reads the reply. A problem has to be one that its route declares.
    pub async fn send(self) -> Reply {
        let response = self.request.send().await.expect("the cloud answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("a whole reply").to_vec();
        let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let reply = Reply { status, headers, body, bytes };
        self.world.check_declared(&reply.body);
        reply
    }

    /// Sends it and wants this status.
    pub async fn expect(self, status: u16) -> Reply {
        let reply = self.send().await;
        assert_eq!(reply.status, status, "{}", reply.text());
        reply
    }

    /// Sends it and wants this problem.
    pub async fn refused(self, status: u16, code: &str) -> Reply {
        let reply = self.expect(status).await;
        assert_eq!(reply.body["code"], code, "{}", reply.text());
        reply
    }
}

/// A reply.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, if it is JSON.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The value of a cookie that is set.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.headers.get_all("set-cookie").iter().find_map(|value| {
            let (pair, _) = value.to_str().ok()?.split_once(';')?;
            let (found, value) = pair.split_once('=')?;
            (found == name).then(|| value.to_owned())
        })
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Bad fields by their names: `{"/title": "too_long"}`.
    #[must_use]
    pub fn bad_fields(&self) -> BTreeMap<String, String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = self.body["errors"].as_array();
        errors.into_iter().flatten().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
    }
}

impl World {
    /// OpenAPI says what a route can answer: a problem that it does not declare is a lie in the document.
    pub(crate) fn check_declared(&self, problem: &Value) {
        let (Some(code), Some(request_id)) = (problem["code"].as_str(), problem["requestId"].as_str()) else {
            return;
        };
        // A deployment's log is not at hand; the same suite on the laptop has looked.
        let Place::Laptop(cloud) = &self.place else { return };
        let Some(line) = cloud.log().into_iter().rev().find(|line| line["requestId"] == request_id) else {
            return;
        };
        let route = line["route"].as_str().unwrap_or_default().to_owned();
        let services = local::services();
        let rows = services.iter().flat_map(|service| service.rows());
        for row in rows.filter(|row| row.name == route) {
            let declared = row.all_problems().iter().any(|problem| problem.slug() == code);
            assert!(declared, "{route} answered {code}, which it does not declare");
        }
    }
}

/// A JPEG of so many pixels.
pub fn picture_bytes(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let value = |n: u32| u8::try_from(n % 256).unwrap_or_default();
        Rgb([value(x), value(y), value(x / 2 + y)])
    });
    let mut bytes = Cursor::new(vec![]);
    picture.write_to(&mut bytes, ImageFormat::Jpeg).expect("an encoder that works");
    bytes.into_inner()
}
