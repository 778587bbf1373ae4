//! What several contexts show alike: pictures and regions.

use domain::{media::Picture, region::Region, text::Reason, time::Time, trust::Suspension};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{call::Call, problem::Fault, settings::Setting};

/// A picture: everything to lay out a page before loading it, and where its renditions are.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Picture")]
pub struct PictureView {
    /// The upload it was made from.
    pub id: domain::id::MediaId,
    /// Pixels across, of the original.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// A thumbhash, base 64, to show meanwhile.
    pub placeholder: String,
    /// Renditions, widest first.
    pub renditions: Vec<RenditionView>,
}

/// A rendition of a picture.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Rendition")]
pub struct RenditionView {
    /// Pixels across.
    pub width: u32,
    /// As WebP.
    pub webp: String,
    /// As JPEG.
    pub jpeg: String,
}

/// The key of a rendition in the bucket.
#[must_use]
pub fn rendition_key(media: &domain::id::MediaId, width: u32, extension: &str) -> String {
    format!("renditions/{media}/{width}.{extension}")
}

impl PictureView {
    /// A picture as the caller sees it.
    ///
    /// # Errors
    /// When the row does not declare [`Setting::MediaUrl`].
    pub fn of(picture: &Picture, call: &Call<'_>) -> Result<Self, Fault> {
        Ok(Self::below(picture, call.setting(Setting::MediaUrl)?))
    }

    /// A picture whose renditions are below this address.
    #[must_use]
    pub fn below(picture: &Picture, base: &str) -> Self {
        let url = |width, extension| format!("{base}/{}", rendition_key(&picture.media, width, extension));
        Self {
            id: picture.media.clone(),
            width: picture.width,
            height: picture.height,
            placeholder: picture.placeholder.clone(),
            renditions: picture
                .widths
                .iter()
                .map(|&width| RenditionView { width, webp: url(width, "webp"), jpeg: url(width, "jpg") })
                .collect(),
        }
    }
}

/// Somebody, as others see them in passing.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Person")]
pub struct PersonView {
    /// The account.
    pub id: domain::id::AccountId,
    /// What they are called.
    pub nickname: domain::text::Nickname,
    /// Their picture.
    pub picture: Option<PictureView>,
}

impl PersonView {
    /// Somebody whose picture's renditions are below this address.
    #[must_use]
    pub fn of(account: &domain::account::Account, media_url: &str) -> Self {
        Self {
            id: account.id.clone(),
            nickname: account.nickname.clone(),
            picture: account.image.as_ref().map(|picture| PictureView::below(picture, media_url)),
        }
    }
}

/// That somebody may do nothing for a time, or any more.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Suspension")]
pub struct SuspensionView {
    /// Until when; the end of the year 9999 for good.
    pub until: Time,
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub since: Time,
}

impl From<Suspension> for SuspensionView {
    fn from(suspension: Suspension) -> Self {
        Self { until: suspension.until, reason: suspension.reason, since: suspension.since }
    }
}

/// A district.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "District")]
pub struct RegionView {
    /// `seoul/gangnam-gu`: what feeds are asked by.
    pub id: Region,
    /// The Korean name: `서울 강남구`.
    pub name_ko: String,
    /// The Latin name.
    pub name_en: String,
}

impl From<Region> for RegionView {
    fn from(region: Region) -> Self {
        let district = region.district();
        let province = domain::region::province(district.province);
        Self {
            id: region,
            name_ko: format!("{} {}", province.map_or("", |p| p.name_ko), district.name_ko),
            name_en: format!("{}, {}", district.name_en, province.map_or("", |p| p.name_en)),
        }
    }
}
