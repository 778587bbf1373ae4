//! Whether a file is the video it claims to be, told by how it begins: with the box `ftyp` of ISO/IEC 14496-12 (4.3),
//! which names the brands that the file keeps to. What follows is never looked at; a player may still refuse it.

use domain::media::FileType;

use crate::picture::Rejection;

/// How many bytes of the beginning are looked at. Writers name a handful of brands, of four bytes each.
pub const HEAD: u64 = 4096;

/// Brands of MP4 files (<https://mp4ra.org/registered-types/brands>).
const MP4: &[&[u8; 4]] = &[
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41", b"mp42", b"avc1",
    b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"dash", b"mmp4", b"3gp4", b"3gp5", b"3gp6",
];
/// The brand of QuickTime files.
const QUICK_TIME: &[u8; 4] = b"qt  ";
/// First brands of what is built the same way and is no video: HEIF pictures, AVIF, Canon's raw files, sound. Some of
/// them name a brand of MP4 besides.
const NO_VIDEO: &[&[u8; 4]] = &[
    b"mif1", b"msf1", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"avif", b"avis",
    b"crx ", b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B ",
];

/// Checks the beginning of a file, of [`HEAD`] bytes or all that there are, against what it claims to be.
///
/// # Errors
/// The reason it is not that.
pub fn check(head: &[u8], length: u64, claimed: FileType) -> Result<(), Rejection> {
    let kind = head.get(4..).unwrap_or_default();
    if !kind.iter().zip(b"ftyp").all(|(is, wanted)| is == wanted) {
        return Err(Rejection::NotThisFormat);
    }
    let Some((size, rest)) = head.split_first_chunk::<4>() else { return Err(Rejection::Truncated) };
    let rest = rest.get(4..).ok_or(Rejection::Truncated)?;
    let (size, header, rest) = match u32::from_be_bytes(*size) {
        // The size stands behind the type, in eight bytes.
        1 => {
            let (size, rest) = rest.split_first_chunk::<8>().ok_or(Rejection::Truncated)?;
            (u64::from_be_bytes(*size), 16, rest)
        }
        // The box goes on to the end of the file, so that there is no film in it; no writer does that.
        0 => return Err(Rejection::Unreadable),
        size => (u64::from(size), 8, rest),
    };
    // The first brand and its version stand in every such box.
    if size < header + 8 {
        return Err(Rejection::Unreadable);
    }
    // The film comes after it.
    if size >= length {
        return Err(Rejection::Truncated);
    }
    if size > HEAD {
        return Err(Rejection::Unreadable);
    }
    let body = usize::try_from(size - header).ok().and_then(|size| rest.get(..size)).ok_or(Rejection::Truncated)?;
    let (brands, _) = body.as_chunks::<4>();
    // The second is the version.
    let [first, _, others @ ..] = brands else { return Err(Rejection::Unreadable) };
    let quick_time = first == QUICK_TIME || (others.contains(QUICK_TIME) && !MP4.contains(&first));
    let is_it = match claimed {
        FileType::QuickTime => quick_time,
        FileType::Mp4 => {
            let known = std::iter::once(first).chain(others).any(|brand| MP4.contains(&brand));
            first != QUICK_TIME && !NO_VIDEO.contains(&first) && known
        }
        FileType::Jpeg | FileType::Png | FileType::WebP | FileType::Gif => false,
    };
    if is_it { Ok(()) } else { Err(Rejection::NotThisFormat) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Rejection::{NotThisFormat, Truncated, Unreadable};

    /// A box with these brands after the first and its version, and a film behind it.
    fn film(first: &[u8; 4], others: &[&[u8; 4]]) -> Vec<u8> {
        let size = u32::try_from(16 + 4 * others.len()).unwrap();
        let mut bytes = [&size.to_be_bytes()[..], b"ftyp", first, &[0, 0, 2, 0]].concat();
        others.iter().for_each(|brand| bytes.extend(*brand));
        bytes.extend(b"\0\0\0\x0cmoovfilm");
        bytes
    }

    fn checked(bytes: &[u8], claimed: FileType) -> Result<(), Rejection> {
        check(&bytes[..bytes.len().min(HEAD as usize)], bytes.len() as u64, claimed)
    }

    #[test]
    fn what_cameras_and_programs_write_is_taken() {
        for first in MP4 {
            assert_eq!(checked(&film(first, &[]), FileType::Mp4), Ok(()));
        }
        // ffmpeg, Android, Sony, a telephone of Apple.
        assert_eq!(checked(&film(b"isom", &[b"isom", b"iso2", b"avc1", b"mp41"]), FileType::Mp4), Ok(()));
        assert_eq!(checked(&film(b"mp42", &[b"isom", b"mp42"]), FileType::Mp4), Ok(()));
        assert_eq!(checked(&film(b"XAVC", &[b"XAVC", b"mp42", b"iso2"]), FileType::Mp4), Ok(()));
        assert_eq!(checked(&film(b"qt  ", &[b"qt  "]), FileType::QuickTime), Ok(()));
        assert_eq!(checked(&film(b"qt  ", &[]), FileType::QuickTime), Ok(()));
    }

    #[test]
    fn one_kind_of_video_is_not_the_other() {
        assert_eq!(checked(&film(b"qt  ", &[b"qt  "]), FileType::Mp4), Err(NotThisFormat));
        assert_eq!(checked(&film(b"qt  ", &[b"isom"]), FileType::Mp4), Err(NotThisFormat));
        assert_eq!(checked(&film(b"isom", &[b"qt  "]), FileType::QuickTime), Err(NotThisFormat));
        assert_eq!(checked(&film(b"isom", &[b"isom"]), FileType::QuickTime), Err(NotThisFormat));
    }

    #[test]
    fn pictures_and_sound_in_the_same_boxes_are_no_video() {
        for first in NO_VIDEO {
            for claimed in [FileType::Mp4, FileType::QuickTime] {
                assert_eq!(checked(&film(first, &[b"mif1", b"iso8"]), claimed), Err(NotThisFormat));
            }
        }
        assert_eq!(checked(&film(b"zzzz", &[b"yyyy"]), FileType::Mp4), Err(NotThisFormat));
        assert_eq!(checked(&film(b"isom", &[]), FileType::Jpeg), Err(NotThisFormat));
    }

    #[test]
    fn another_file_is_refused_by_how_it_begins() {
        let others: [&[u8]; 6] = [
            b"<!doctype html><script>alert(1)</script>",
            b"just a text",
            b"\xFF\xD8\xFF\xE0\0\x10JFIF\0",
            b"\x1A\x45\xDF\xA3\x01\0\0\0\0\0\0\x23",
            b"RIFF\0\0\0\0AVI LIST",
            // A box, but not this one.
            b"\0\0\0\x10mdat12345678",
        ];
        for bytes in others {
            assert_eq!(checked(bytes, FileType::Mp4), Err(NotThisFormat), "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_file_that_ends_too_early_is_truncated_wherever_it_ends() {
        let whole = film(b"isom", &[b"iso2", b"mp41"]);
        let box_end = whole.len() - 12;
        for end in 0..=box_end {
            assert_eq!(checked(&whole[..end], FileType::Mp4), Err(Truncated), "{end}");
        }
        assert_eq!(checked(&whole[..=box_end], FileType::Mp4), Ok(()));
        // Less was handed over than there is.
        assert_eq!(check(&whole[..20], whole.len() as u64, FileType::Mp4), Err(Truncated));
        assert_eq!(check(&[], 0, FileType::Mp4), Err(Truncated));
    }

    #[test]
    fn a_box_of_a_strange_size_is_refused() {
        let sized = |size: u32| {
            let mut bytes = film(b"isom", &[b"isom"]);
            bytes[..4].copy_from_slice(&size.to_be_bytes());
            bytes
        };
        // To the end of the file; smaller than itself; without a brand.
        for size in [0, 2, 4, 7, 8, 12, 15] {
            assert_eq!(checked(&sized(size), FileType::Mp4), Err(Unreadable), "{size}");
        }
        assert_eq!(checked(&sized(16), FileType::Mp4), Ok(()));
        // What is left of a brand is not read.
        assert_eq!(checked(&sized(19), FileType::Mp4), Ok(()));
        for size in [1000, i32::MAX as u32, u32::MAX] {
            assert_eq!(checked(&sized(size), FileType::Mp4), Err(Truncated), "{size}");
        }
        // There, but no list of brands is that long.
        assert_eq!(check(&sized(4097), 100_000_000, FileType::Mp4), Err(Unreadable));
        assert_eq!(check(&sized(u32::MAX), u64::MAX, FileType::Mp4), Err(Unreadable));
        let longest = [&sized(4096)[..], &[b'x'; 5000]].concat();
        assert_eq!(checked(&longest, FileType::Mp4), Ok(()));
    }

    #[test]
    fn a_box_may_have_a_long_size() {
        let long = |size: u64| {
            [b"\0\0\0\x01ftyp", &size.to_be_bytes()[..], b"mp42", &[0; 4], b"isom", b"\0\0\0\x0cmoovfilm"].concat()
        };
        assert_eq!(checked(&long(28), FileType::Mp4), Ok(()));
        for size in [0, 8, 16, 23] {
            assert_eq!(checked(&long(size), FileType::Mp4), Err(Unreadable), "{size}");
        }
        for size in [40, u64::MAX / 2, u64::MAX] {
            assert_eq!(checked(&long(size), FileType::Mp4), Err(Truncated), "{size}");
        }
        for end in 8..16 {
            assert_eq!(checked(&long(28)[..end], FileType::Mp4), Err(Truncated), "{end}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_answered(honest: bool, size: u32, tail: Vec<u8>, length: u64) {
            let mut bytes = size.to_be_bytes().to_vec();
            if honest {
                bytes.extend(b"ftyp");
            }
            bytes.extend(tail);
            let _ = check(&bytes, length, FileType::Mp4);
            let _ = check(&bytes, bytes.len() as u64, FileType::QuickTime);
        }
    }
}
