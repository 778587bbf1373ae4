//! Categories of listings (row L5): fifteen come with the code, an administrator adds, renames and hides.
//!
//! The fifteen need no seeding: the table holds only what an administrator changed, and what it holds wins.

use serde::{Deserialize, Serialize};

use crate::id::CategoryId;

/// A category as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Category {
    /// Its identifier.
    pub id: CategoryId,
    /// Its Korean name.
    pub name_ko: String,
    /// Its English name.
    pub name_en: String,
    /// Where it stands among the others; equal places sort by identifier.
    pub place: u32,
    /// Hidden ones take no new listings; the old ones keep theirs.
    #[serde(default)]
    pub hidden: bool,
    /// Rises with every change.
    #[serde(default)]
    pub version: u64,
}

/// The fifteen of system 002 §3, in its order.
const BUILT_IN: [(&str, &str, &str); 15] = [
    ("digital", "디지털/가전", "Electronics"),
    ("furniture", "가구/인테리어", "Furniture & interior"),
    ("kids", "유아동/유아도서", "Children & children's books"),
    ("food", "식품", "Food"),
    ("sports", "스포츠/레저", "Sports & leisure"),
    ("womens-accessories", "여성잡화", "Women's accessories"),
    ("womens-clothing", "여성의류", "Women's clothing"),
    ("mens-fashion", "남성패션/잡화", "Men's fashion & accessories"),
    ("games-hobby", "게임/취미", "Games & hobbies"),
    ("beauty", "뷰티/미용", "Beauty"),
    ("pets", "반려동물용품", "Pet supplies"),
    ("books-tickets", "도서/티켓/음반", "Books, tickets & records"),
    ("household", "생활용품", "Household goods"),
    ("plants", "식물", "Plants"),
    ("other", "기타 중고물품", "Other second-hand goods"),
];

/// The categories that come with the code.
#[must_use]
pub fn built_in() -> Vec<Category> {
    (1_u32..)
        .zip(BUILT_IN)
        .filter_map(|(number, (id, name_ko, name_en))| {
            Some(Category {
                id: CategoryId::parse(id).ok()?,
                name_ko: name_ko.into(),
                name_en: name_en.into(),
                place: number * 10,
                hidden: false,
                version: 0,
            })
        })
        .collect()
}

/// The built-in category of this name.
#[must_use]
pub fn built_in_by_id(id: &CategoryId) -> Option<Category> {
    built_in().into_iter().find(|category| category.id == *id)
}

/// The categories in force: the built-in ones, over which lies what an administrator changed.
#[must_use]
pub fn overlaid(changed: Vec<Category>) -> Vec<Category> {
    let mut all = built_in();
    for category in changed {
        match all.iter_mut().find(|known| known.id == category.id) {
            Some(known) => *known = category,
            None => all.push(category),
        }
    }
    all.sort_by(|a, b| (a.place, &a.id).cmp(&(b.place, &b.id)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_categories_come_with_the_code() {
        assert_eq!(built_in().len(), 15);
    }

    #[test]
    fn what_an_administrator_changed_wins_and_what_was_added_is_sorted_in() {
        let renamed = Category { name_ko: "전자제품".into(), ..built_in()[0].clone() };
        let added = Category { id: CategoryId::parse("tools").unwrap(), place: 15, ..renamed.clone() };
        let all = overlaid(vec![added, renamed]);
        assert_eq!(all.len(), 16);
        assert_eq!(all[0].name_ko, "전자제품");
        assert_eq!(all[1].id.as_str(), "tools");
    }
}
