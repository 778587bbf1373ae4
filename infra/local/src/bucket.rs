//! S3 in the process: a folder behind s3s, which checks signatures (headers and presigned URLs) as S3
//! does, with what the crates leave out: notifications, CORS, and the type S3 gives an untyped object.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::body::Body;
use futures::TryStreamExt;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::{
    S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result,
    dto::*,
    s3_error,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::privileges::{Caller, Guard, Need};

/// Hands on an S3 event, in the JSON a function gets.
pub type Notify = Arc<dyn Fn(Value) + Send + Sync>;
/// Milliseconds since 1970.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

const REGION: &str = "ap-northeast-2";
/// What S3 calls an object whose writer did not say.
const UNTYPED: &str = "binary/octet-stream";
const CORS_METHODS: &str = "GET, HEAD, PUT, POST";
/// An event's key is form-encoded with its slashes kept; spaces become `+` afterwards.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b' ');

/// One bucket; a clone is the same bucket.
#[derive(Clone)]
pub struct Bucket {
    inner: Arc<Inner>,
}

struct Inner {
    service: S3Service,
    watched: Watched,
    root: PathBuf,
    name: String,
    allowed_origins: Vec<String>,
    /// Removes the folder of a bucket in memory.
    _temporary: Option<tempfile::TempDir>,
}

impl Bucket {
    /// Opens the bucket kept in a folder, or a new one that is gone when the last clone is.
    ///
    /// `created` hears of every object made or deleted, before the caller gets the answer.
    /// The guard knows the keys, and who may do what. `allowed_origins` is the bucket's CORS rule; `*` allows every origin.
    pub async fn open(
        root: Option<PathBuf>,
        name: &str,
        guard: Guard,
        created: Notify,
        now: Now,
        allowed_origins: Vec<String>,
    ) -> Result<Self, String> {
        let (root, temporary) = match root {
            Some(root) => (root, None),
            None => {
                let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
                (folder.path().to_owned(), Some(folder))
            }
        };
        let folder = root.join(name);
        tokio::fs::create_dir_all(&folder).await.map_err(|e| format!("{}: {e}", folder.display()))?;
        let files = FileSystem::new(&root).map_err(|e| format!("{}: {e:?}", root.display()))?;
        let sequence = AtomicU64::new(0);
        let inner = Files { files, root: root.clone(), guard: guard.clone(), created, now, sequence };
        let watched = Watched { inner: Arc::new(inner) };
        let mut builder = S3ServiceBuilder::new(watched.clone());
        builder.set_auth(guard.clone());
        builder.set_access(guard);
        let inner = Inner {
            service: builder.build(),
            watched,
            root,
            name: name.to_owned(),
            allowed_origins,
            _temporary: temporary,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Answers a request as S3 does, path style.
    pub async fn call(&self, request: Request<Body>) -> Response<Body> {
        let origin = request.headers().get(header::ORIGIN).cloned();
        let preflight = request.method() == Method::OPTIONS;
        let mut response = if preflight {
            self.preflight(request.headers())
        } else {
            match self.inner.service.clone().oneshot(request).await {
                Ok(response) => response.map(Body::new),
                Err(_) => status(StatusCode::INTERNAL_SERVER_ERROR),
            }
        };
        let headers = response.headers_mut();
        if let Some(origin) = origin.filter(|origin| self.allows(origin)) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("ETag"));
            headers.insert(
                header::VARY,
                HeaderValue::from_static("Origin, Access-Control-Request-Headers, Access-Control-Request-Method"),
            );
        }
        if let Ok(id) = HeaderValue::try_from(request_id()) {
            headers.entry("x-amz-request-id").or_insert(id);
        }
        response
    }

    /// An object's bytes, content type and cache control, read without a signature.
    pub async fn read(&self, key: &str) -> Option<(Vec<u8>, String, Option<String>)> {
        let input = GetObjectInput::builder().bucket(self.inner.name.clone()).key(key.to_owned()).build().ok()?;
        let request = S3Request {
            input,
            method: Method::GET,
            uri: http::Uri::default(),
            headers: HeaderMap::new(),
            extensions: http::Extensions::new(),
            credentials: None,
            region: None,
            service: None,
            trailing_headers: None,
        };
        let object = self.inner.watched.get_object(request).await.ok()?.output;
        let chunks: Vec<bytes::Bytes> = object.body?.try_collect().await.ok()?;
        Some((chunks.concat(), object.content_type?, object.cache_control))
    }

    /// Puts an object past signatures; whoever listens is told, as of any upload.
    pub async fn write(&self, key: &str, bytes: Vec<u8>, content_type: &str) -> Result<(), String> {
        let request = self.putting(key, bytes, content_type)?;
        self.inner.watched.put_object(request).await.map(drop).map_err(|e| format!("{e:?}"))
    }

    /// Puts an object past signatures, and tells nobody.
    pub async fn place(&self, key: &str, bytes: Vec<u8>, content_type: &str) -> Result<(), String> {
        let request = self.putting(key, bytes, content_type)?;
        self.inner.watched.inner.files.put_object(request).await.map(drop).map_err(|e| format!("{e:?}"))
    }

    fn putting(&self, key: &str, bytes: Vec<u8>, content_type: &str) -> Result<S3Request<PutObjectInput>, String> {
        let input = PutObjectInput::builder()
            .bucket(self.inner.name.clone())
            .key(key.to_owned())
            .content_type(Some(content_type.to_owned()))
            .content_length(i64::try_from(bytes.len()).ok())
            .body(Some(StreamingBlob::from(s3s::Body::from(bytes))))
            .build()
            .map_err(|e| e.to_string())?;
        Ok(S3Request {
            input,
            method: Method::PUT,
            uri: http::Uri::default(),
            headers: HeaderMap::new(),
            extensions: http::Extensions::new(),
            credentials: None,
            region: None,
            service: None,
            trailing_headers: None,
        })
    }

    /// Deletes every object. Nobody is told.
    pub async fn reset(&self) -> Result<(), String> {
        let say = |e: std::io::Error| format!("{}: {e}", self.inner.root.display());
        // What the crate keeps about objects lies beside the bucket's folder, in hidden files.
        let mut entries = tokio::fs::read_dir(&self.inner.root).await.map_err(say)?;
        while let Some(entry) = entries.next_entry().await.map_err(say)? {
            if entry.file_type().await.map_err(say)?.is_dir() {
                tokio::fs::remove_dir_all(entry.path()).await.map_err(say)?;
            } else {
                tokio::fs::remove_file(entry.path()).await.map_err(say)?;
            }
        }
        tokio::fs::create_dir_all(self.inner.root.join(&self.inner.name)).await.map_err(say)
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        self.inner.allowed_origins.iter().any(|allowed| allowed == "*" || allowed.as_bytes() == origin.as_bytes())
    }

    /// s3s knows no OPTIONS: what S3 answers to a browser that asks before it sends.
    fn preflight(&self, headers: &HeaderMap) -> Response<Body> {
        let origin = headers.get(header::ORIGIN).filter(|origin| self.allows(origin));
        let method = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD).and_then(|method| method.to_str().ok());
        if origin.is_none() || !method.is_some_and(|method| CORS_METHODS.split(", ").any(|allowed| allowed == method)) {
            return status(StatusCode::FORBIDDEN);
        }
        let mut response = status(StatusCode::OK);
        let answer = response.headers_mut();
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(CORS_METHODS));
        answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3000"));
        if let Some(asked) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
        response
    }
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn request_id() -> String {
    uuid::Uuid::new_v4().simple().to_string().to_uppercase().chars().take(16).collect()
}

/// The folder, told on when it changes.
#[derive(Clone)]
struct Watched {
    inner: Arc<Files>,
}

struct Files {
    files: FileSystem,
    root: PathBuf,
    guard: Guard,
    created: Notify,
    now: Now,
    sequence: AtomicU64,
}

impl Files {
    fn path(&self, bucket: &str, key: &str) -> PathBuf {
        self.root.join(bucket).join(key)
    }

    /// `a` is no object because `a/b` is one; the crate would serve the folder.
    fn no_folder(&self, bucket: &str, key: &str) -> S3Result<()> {
        if !key.ends_with('/') && self.path(bucket, key).is_dir() { Err(s3_error!(NoSuchKey)) } else { Ok(()) }
    }

    /// Whoever may not list is not told that a key is missing.
    fn hidden(&self, caller: Caller, bucket: &str, error: S3Error) -> S3Error {
        match error.code() {
            S3ErrorCode::NoSuchKey => self.guard.absent(caller, bucket).unwrap_or(error),
            _ => error,
        }
    }

    fn tell(&self, event: &str, bucket: &str, key: &str, who: Option<&str>, made: Option<(u64, &str)>) {
        let now = (self.now)();
        let floor = u64::try_from(now).unwrap_or_default() << 20;
        let previous =
            self.sequence.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(floor.max(last + 1)));
        let sequence = previous.map_or(floor, |last| floor.max(last + 1));
        let mut object = json!({
            "key": utf8_percent_encode(key, KEY).to_string().replace(' ', "+"),
            "sequencer": format!("{sequence:018X}"),
        });
        if let Some((size, etag)) = made {
            object["size"] = json!(size);
            object["eTag"] = json!(etag);
        }
        let time = chrono::DateTime::from_timestamp_millis(now).unwrap_or_default();
        (self.created)(json!({ "Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": REGION,
            "eventTime": time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            "eventName": event,
            "userIdentity": { "principalId": format!("AWS:{}", who.unwrap_or("anonymous")) },
            "requestParameters": { "sourceIPAddress": "127.0.0.1" },
            "responseElements": { "x-amz-request-id": request_id(), "x-amz-id-2": request_id() },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "local",
                "bucket": {
                    "name": bucket,
                    "ownerIdentity": { "principalId": "LOCAL" },
                    "arn": format!("arn:aws:s3:::{bucket}"),
                },
                "object": object,
            },
        }]}));
    }

    async fn tell_made(&self, event: &str, bucket: &str, key: &str, who: Option<&str>, etag: Option<&ETag>) {
        let size = tokio::fs::metadata(self.path(bucket, key)).await.map_or(0, |file| file.len());
        self.tell(event, bucket, key, who, Some((size, etag.map_or("", ETag::value))));
    }
}

fn who<T>(request: &S3Request<T>) -> Option<String> {
    request.credentials.as_ref().map(|credentials| credentials.access_key.clone())
}

macro_rules! s3_of_the_folder {
    (as_it_is { $($method:ident $input:ident $output:ident;)+ } told { $($told:tt)+ }) => {
        #[async_trait::async_trait]
        impl S3 for Watched {
            $(async fn $method(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                self.inner.files.$method(request).await
            })+
            $($told)+
        }
    };
}

s3_of_the_folder! {
    as_it_is {
        abort_multipart_upload AbortMultipartUploadInput AbortMultipartUploadOutput;
        create_bucket CreateBucketInput CreateBucketOutput;
        create_multipart_upload CreateMultipartUploadInput CreateMultipartUploadOutput;
        get_bucket_location GetBucketLocationInput GetBucketLocationOutput;
        head_bucket HeadBucketInput HeadBucketOutput;
        list_buckets ListBucketsInput ListBucketsOutput;
        list_objects ListObjectsInput ListObjectsOutput;
        list_objects_v2 ListObjectsV2Input ListObjectsV2Output;
        list_parts ListPartsInput ListPartsOutput;
        upload_part UploadPartInput UploadPartOutput;
        upload_part_copy UploadPartCopyInput UploadPartCopyOutput;
    }
    told {
        async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
            let (caller, bucket) = (self.inner.guard.signer(&request), request.input.bucket.clone());
            let got = match self.inner.no_folder(&bucket, &request.input.key) {
                Ok(()) => self.inner.files.get_object(request).await,
                Err(error) => Err(error),
            };
            let mut response = got.map_err(|error| self.inner.hidden(caller, &bucket, error))?;
            response.output.content_type.get_or_insert_with(|| UNTYPED.into());
            Ok(response)
        }

        async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
            let (caller, bucket) = (self.inner.guard.signer(&request), request.input.bucket.clone());
            let got = match self.inner.no_folder(&bucket, &request.input.key) {
                Ok(()) => self.inner.files.head_object(request).await,
                Err(error) => Err(error),
            };
            let mut response = got.map_err(|error| self.inner.hidden(caller, &bucket, error))?;
            response.output.content_type.get_or_insert_with(|| UNTYPED.into());
            Ok(response)
        }

        async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
            let (bucket, key, who) = (request.input.bucket.clone(), request.input.key.clone(), who(&request));
            // The upload of a form arrives here too.
            let event = if request.method == Method::POST { "ObjectCreated:Post" } else { "ObjectCreated:Put" };
            let response = self.inner.files.put_object(request).await?;
            self.inner.tell_made(event, &bucket, &key, who.as_deref(), response.output.e_tag.as_ref()).await;
            Ok(response)
        }

        async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
            let (bucket, key, who) = (request.input.bucket.clone(), request.input.key.clone(), who(&request));
            let response = self.inner.files.copy_object(request).await?;
            let etag = response.output.copy_object_result.as_ref().and_then(|copy| copy.e_tag.as_ref());
            self.inner.tell_made("ObjectCreated:Copy", &bucket, &key, who.as_deref(), etag).await;
            Ok(response)
        }

        async fn complete_multipart_upload(
            &self,
            request: S3Request<CompleteMultipartUploadInput>,
        ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
            let (bucket, key, who) = (request.input.bucket.clone(), request.input.key.clone(), who(&request));
            let mut response = self.inner.files.complete_multipart_upload(request).await?;
            let files = self.inner.clone();
            // The answer is a promise, and the object's tag is known with it.
            if let Some(promise) = response.output.future.take() {
                response.output.future = Some(Box::pin(async move {
                    let done = promise.await?;
                    let event = "ObjectCreated:CompleteMultipartUpload";
                    files.tell_made(event, &bucket, &key, who.as_deref(), done.e_tag.as_ref()).await;
                    Ok(done)
                }));
            }
            Ok(response)
        }

        async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
            let (bucket, key, who) = (request.input.bucket.clone(), request.input.key.clone(), who(&request));
            if self.inner.no_folder(&bucket, &key).is_err() {
                // Deleting what is not there succeeds.
                return Ok(S3Response::new(DeleteObjectOutput::default()));
            }
            let there = self.inner.path(&bucket, &key).is_file();
            let response = self.inner.files.delete_object(request).await?;
            if there {
                self.inner.tell("ObjectRemoved:Delete", &bucket, &key, who.as_deref(), None);
            }
            Ok(response)
        }

        async fn delete_objects(&self, mut request: S3Request<DeleteObjectsInput>) -> S3Result<S3Response<DeleteObjectsOutput>> {
            let (bucket, who) = (request.input.bucket.clone(), who(&request));
            // Each key is granted or refused by itself; the reply says which was.
            let (caller, mut refused) = (self.inner.guard.signer(&request), vec![]);
            request.input.delete.objects.retain(|object| {
                let needs = || vec![Need::bucket("DeleteObject", &bucket, Some(&object.key))];
                let denied = Guard::check(&self.inner.guard, caller, needs).err();
                refused.extend(denied.iter().map(|denied| s3s::dto::Error {
                    code: Some("AccessDenied".to_owned()),
                    key: Some(object.key.clone()),
                    message: Some(denied.0.clone()),
                    ..Default::default()
                }));
                denied.is_none()
            });
            let keys = request.input.delete.objects.iter().map(|object| object.key.clone());
            let there: Vec<String> = keys.filter(|key| self.inner.path(&bucket, key).is_file()).collect();
            let mut response = self.inner.files.delete_objects(request).await?;
            response.output.errors.get_or_insert_default().extend(refused);
            for key in there {
                self.inner.tell("ObjectRemoved:Delete", &bucket, &key, who.as_deref(), None);
            }
            Ok(response)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::{
        Client,
        config::{BehaviorVersion, Credentials, Region},
        presigning::{PresignedRequest, PresigningConfig},
        primitives::ByteStream,
        types::{CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier},
    };
    use std::{sync::Mutex, time::Duration};

    fn guard() -> Guard {
        Guard::new("key", "secret", std::iter::empty(), Arc::new(|_| {})).unwrap()
    }

    struct Yard {
        bucket: Bucket,
        client: Client,
        events: Arc<Mutex<Vec<Value>>>,
    }

    impl Yard {
        fn told(&self) -> Vec<(String, String)> {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let events = self.events.lock().unwrap();
            let records = events.iter().map(|event| &event["Records"][0]);
            records.map(|r| (text(&r["eventName"]), text(&r["s3"]["object"]["key"]))).collect()
        }

        async fn put(&self, key: &str, body: &'static [u8]) {
            let put = self.client.put_object().bucket("pictures").key(key).body(ByteStream::from_static(body));
            put.send().await.unwrap();
        }
    }

    async fn client(bucket: &Bucket, secret: &str) -> Client {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let bucket = bucket.clone();
        let app = axum::Router::new().fallback(move |request: Request<Body>| async move { bucket.call(request).await });
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Client::from_conf(
            aws_sdk_s3::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .endpoint_url(format!("http://{address}"))
                .force_path_style(true)
                .region(Region::new(REGION))
                .credentials_provider(Credentials::new("key", secret, None, None, "test"))
                .build(),
        )
    }

    async fn yard() -> Yard {
        let events = Arc::new(Mutex::new(Vec::new()));
        let kept = events.clone();
        let created: Notify = Arc::new(move |event| kept.lock().unwrap().push(event));
        let now: Now = Arc::new(|| 1_767_225_600_123);
        let origins = vec!["https://madang.example".to_owned()];
        let bucket = Bucket::open(None, "pictures", guard(), created, now, origins).await.unwrap();
        let client = client(&bucket, "secret").await;
        Yard { bucket, client, events }
    }

    async fn presigned_put(yard: &Yard) -> PresignedRequest {
        let put =
            yard.client.put_object().bucket("pictures").key("up/1.jpg").content_type("image/jpeg").content_length(4);
        put.presigned(PresigningConfig::expires_in(Duration::from_secs(60)).unwrap()).await.unwrap()
    }

    /// Sends what was signed, with some headers another way.
    async fn send(yard: &Yard, signed: &PresignedRequest, other: &[(&str, &str)], body: &'static str) -> StatusCode {
        let uri: http::Uri = signed.uri().parse().unwrap();
        let mut request = Request::builder().method(signed.method()).uri(signed.uri());
        let headers = request.headers_mut().unwrap();
        headers.insert("host", uri.authority().unwrap().as_str().parse().unwrap());
        for (name, value) in signed.headers().chain(other.iter().copied()) {
            headers.insert(http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
        }
        yard.bucket.call(request.body(Body::from(body)).unwrap()).await.status()
    }

    #[tokio::test]
    async fn an_object_comes_back_with_its_type_its_caching_and_its_metadata() {
        let yard = yard().await;
        let put = yard.client.put_object().bucket("pictures").key("a/b.webp").body(ByteStream::from_static(b"four"));
        put.content_type("image/webp").cache_control("max-age=60").metadata("owner", "mem_1").send().await.unwrap();

        let got = yard.client.get_object().bucket("pictures").key("a/b.webp").send().await.unwrap();
        assert_eq!((got.content_type(), got.cache_control()), (Some("image/webp"), Some("max-age=60")));
        assert_eq!(got.metadata().unwrap()["owner"], "mem_1");
        assert_eq!(got.body.collect().await.unwrap().to_vec(), b"four");
        let read = yard.bucket.read("a/b.webp").await.unwrap();
        assert_eq!(read, (b"four".to_vec(), "image/webp".to_owned(), Some("max-age=60".to_owned())));
    }

    #[tokio::test]
    async fn an_object_without_a_type_has_the_one_s3_gives_it() {
        let yard = yard().await;
        let signed = yard.client.put_object().bucket("pictures").key("bare");
        let signed = signed.presigned(PresigningConfig::expires_in(Duration::from_secs(60)).unwrap()).await.unwrap();
        assert_eq!(send(&yard, &signed, &[], "x").await, StatusCode::OK);
        assert_eq!(yard.bucket.read("bare").await.unwrap().1, UNTYPED);
    }

    #[tokio::test]
    async fn a_folder_and_a_missing_key_are_no_objects() {
        let yard = yard().await;
        yard.put("a/b", b"x").await;
        for key in ["a", "a/c", "../pictures/a/b/..", "/etc/hostname"] {
            assert!(yard.bucket.read(key).await.is_none(), "{key}");
        }
        let head = yard.client.head_object().bucket("pictures").key("a").send().await;
        assert!(head.unwrap_err().into_service_error().is_not_found());
        yard.client.delete_object().bucket("pictures").key("a").send().await.unwrap();
        assert!(yard.bucket.read("a/b").await.is_some());
    }

    #[tokio::test]
    async fn a_wrong_secret_and_a_stranger_are_refused() {
        let yard = yard().await;
        yard.put("a", b"x").await;
        let thief = client(&yard.bucket, "guess").await;
        let stolen = thief.get_object().bucket("pictures").key("a").send().await.unwrap_err();
        assert_eq!(stolen.raw_response().unwrap().status().as_u16(), 403);
        let stranger =
            Request::get("http://localhost/pictures/a").header("host", "localhost").body(Body::empty()).unwrap();
        assert_eq!(yard.bucket.call(stranger).await.status(), StatusCode::FORBIDDEN);
    }

    #[tokio::test]
    async fn a_presigned_put_takes_what_it_was_signed_for() {
        let yard = yard().await;
        let signed = presigned_put(&yard).await;
        assert_eq!(send(&yard, &signed, &[], "four").await, StatusCode::OK);
        let read = yard.bucket.read("up/1.jpg").await.unwrap();
        assert_eq!((read.0.as_slice(), read.1.as_str()), (b"four".as_slice(), "image/jpeg"));
        assert_eq!(yard.told(), [("ObjectCreated:Put".to_owned(), "up/1.jpg".to_owned())]);
    }

    #[tokio::test]
    async fn a_presigned_put_refuses_another_length_and_another_type() {
        let yard = yard().await;
        let signed = presigned_put(&yard).await;
        assert_eq!(send(&yard, &signed, &[("content-length", "5")], "fiver").await, StatusCode::FORBIDDEN);
        assert_eq!(send(&yard, &signed, &[("content-type", "text/html")], "four").await, StatusCode::FORBIDDEN);
        assert!(yard.bucket.read("up/1.jpg").await.is_none());
        assert!(yard.told().is_empty());
    }

    #[tokio::test]
    async fn every_way_to_make_or_delete_an_object_is_told() {
        let yard = yard().await;
        let (c, b) = (&yard.client, "pictures");
        yard.put("a b/가+1.jpg", b"x").await;
        c.copy_object().bucket(b).key("copy").copy_source("pictures/a%20b/%EA%B0%80%2B1.jpg").send().await.unwrap();
        let upload = c.create_multipart_upload().bucket(b).key("parts").send().await.unwrap().upload_id.unwrap();
        let part = c
            .upload_part()
            .bucket(b)
            .key("parts")
            .upload_id(&upload)
            .part_number(1)
            .body(ByteStream::from_static(b"yz"));
        let part = CompletedPart::builder().part_number(1).e_tag(part.send().await.unwrap().e_tag.unwrap()).build();
        let parts = CompletedMultipartUpload::builder().parts(part).build();
        c.complete_multipart_upload()
            .bucket(b)
            .key("parts")
            .upload_id(upload)
            .multipart_upload(parts)
            .send()
            .await
            .unwrap();
        c.delete_object().bucket(b).key("copy").send().await.unwrap();
        c.delete_object().bucket(b).key("never").send().await.unwrap();
        let these = ["parts", "never"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
        let these = Delete::builder().set_objects(Some(these.into())).build().unwrap();
        c.delete_objects().bucket(b).delete(these).send().await.unwrap();

        let told = yard.told();
        let told: Vec<_> = told.iter().map(|(event, key)| (event.as_str(), key.as_str())).collect();
        assert_eq!(
            told,
            [
                ("ObjectCreated:Put", "a+b/%EA%B0%80%2B1.jpg"),
                ("ObjectCreated:Copy", "copy"),
                ("ObjectCreated:CompleteMultipartUpload", "parts"),
                ("ObjectRemoved:Delete", "copy"),
                ("ObjectRemoved:Delete", "parts"),
            ]
        );
        let events = yard.events.lock().unwrap();
        let parts = &events[2]["Records"][0]["s3"]["object"];
        assert_eq!(parts["size"], 2);
        assert!(parts["eTag"].as_str().unwrap().ends_with("-1"));
        let order: Vec<_> =
            events.iter().map(|e| e["Records"][0]["s3"]["object"]["sequencer"].as_str().unwrap()).collect();
        assert!(order.is_sorted() && order[0] < order[4]);
        assert_eq!(events[0]["Records"][0]["eventTime"], "2026-01-01T00:00:00.123Z");
        let event: aws_lambda_events::s3::S3Event = serde_json::from_value(events[0].clone()).unwrap();
        assert_eq!(event.records[0].s3.bucket.name.as_deref(), Some("pictures"));
    }

    #[tokio::test]
    async fn a_browser_of_an_allowed_origin_may_put() {
        let yard = yard().await;
        let ask = |origin: &str, method: &str| {
            Request::options("http://localhost/pictures/up/1.jpg?X-Amz-Signature=0")
                .header("origin", origin)
                .header("access-control-request-method", method)
                .header("access-control-request-headers", "content-type")
                .body(Body::empty())
                .unwrap()
        };
        let yes = yard.bucket.call(ask("https://madang.example", "PUT")).await;
        assert_eq!(yes.status(), StatusCode::OK);
        assert_eq!(yes.headers()["access-control-allow-origin"], "https://madang.example");
        assert_eq!(yes.headers()["access-control-allow-headers"], "content-type");
        assert!(yes.headers()["access-control-allow-methods"].to_str().unwrap().contains("PUT"));
        for (origin, method) in [("https://evil.example", "PUT"), ("https://madang.example", "DELETE")] {
            assert_eq!(yard.bucket.call(ask(origin, method)).await.status(), StatusCode::FORBIDDEN);
        }

        let signed = presigned_put(&yard).await;
        let mut request = Request::builder().method("PUT").uri(signed.uri()).header("origin", "https://madang.example");
        request = request.header("host", signed.uri().parse::<http::Uri>().unwrap().authority().unwrap().as_str());
        for (name, value) in signed.headers() {
            request = request.header(name, value);
        }
        let put = yard.bucket.call(request.body(Body::from("four")).unwrap()).await;
        assert_eq!(put.headers()["access-control-allow-origin"], "https://madang.example");
        assert_eq!(put.headers()["access-control-expose-headers"], "ETag");
    }

    #[tokio::test]
    async fn a_reset_leaves_an_empty_bucket_and_tells_nobody() {
        let yard = yard().await;
        yard.put("a/b", b"x").await;
        yard.bucket.reset().await.unwrap();
        assert!(yard.bucket.read("a/b").await.is_none());
        assert_eq!(yard.told().len(), 1);
        yard.put("c", b"y").await;
        assert_eq!(yard.bucket.read("c").await.unwrap().0, b"y");
    }

    #[tokio::test]
    async fn a_folder_keeps_its_objects_and_a_temporary_one_goes() {
        let folder = tempfile::tempdir().unwrap();
        let silent: Notify = Arc::new(|_| {});
        let open = || {
            let (root, now): (_, Now) = (folder.path().join("state"), Arc::new(|| 0));
            Bucket::open(Some(root), "pictures", guard(), silent.clone(), now, vec![])
        };
        let bucket = open().await.unwrap();
        let put = client(&bucket, "secret").await.put_object().bucket("pictures").key("a").content_type("image/png");
        put.body(ByteStream::from_static(b"x")).send().await.unwrap();
        assert_eq!(open().await.unwrap().read("a").await.unwrap().1, "image/png");

        let temporary = Bucket::open(None, "pictures", guard(), silent.clone(), Arc::new(|| 0), vec![]).await.unwrap();
        let root = temporary.inner.root.clone();
        assert!(root.is_dir());
        drop(temporary);
        assert!(!root.exists());
    }
}
