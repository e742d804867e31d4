//! The few `data-trunk` links of `web/index.html`, so that Trunk and this program build from one page.
//!
//! Knows: `rust`, `css`, `icon`, `copy-file`, `copy-dir`. Any other kind is refused, not dropped.

use anyhow::{Context as _, Result, bail};

/// A thing the page asks the build for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asset {
    /// The program: it becomes a start script and preload links.
    Rust,
    /// A style sheet, relative to the page's source.
    Css(String),
    /// The icon, relative to the page's source.
    Icon(String),
    /// A file copied under its own name, into a folder of the site if one is named.
    CopyFile(String, Option<String>),
    /// A folder copied whole, under its own name or the one given.
    CopyDir(String, Option<String>),
}

/// Replaces every `data-trunk` link of a page by what `write` makes of it.
pub fn replace_links(page: &str, mut write: impl FnMut(Asset) -> Result<String>) -> Result<String> {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(start) = rest.find("<link") {
        let (before, from) = rest.split_at(start);
        let end = from.find('>').context("a <link without its >")? + 1;
        let (tag, after) = from.split_at(end);
        out.push_str(before);
        if attribute(tag, "data-trunk").is_some() {
            out.push_str(&write(asset(tag)?)?);
        } else {
            out.push_str(tag);
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn asset(tag: &str) -> Result<Asset> {
    let rel = attribute(tag, "rel").with_context(|| format!("no rel in {tag}"))?;
    let href = attribute(tag, "href").with_context(|| format!("no href in {tag}"))?;
    let target = attribute(tag, "data-target-path");
    Ok(match rel.as_str() {
        "rust" => Asset::Rust,
        "css" => Asset::Css(href),
        "icon" => Asset::Icon(href),
        "copy-file" => Asset::CopyFile(href, target),
        "copy-dir" => Asset::CopyDir(href, target),
        _ => bail!("the build does not know rel=\"{rel}\": {tag}"),
    })
}

/// The value of an attribute of a tag; empty if it has none.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag.strip_prefix("<link")?.trim_end_matches(['>', '/']).trim();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (found, after) = rest.split_at(end);
        let (value, after) =
            match after.strip_prefix("=\"").and_then(|quoted| quoted.split_once('"')) {
                Some(pair) => pair,
                None => ("", after.trim_start_matches('=')),
            };
        if found == name {
            return Some(value.to_string());
        }
        rest = after.trim_start();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trunk_links_are_replaced() {
        let page = "<head>\n<link rel=\"icon\" href=\"data:,\">\n\
                    <link data-trunk rel=\"css\" href=\"style.css\" />\n\
                    <link data-trunk rel=\"copy-dir\" href=\"../lessons\" data-target-path=\"l\">\n</head>";
        let mut seen = Vec::new();
        let out = replace_links(page, |asset| {
            seen.push(asset);
            Ok(format!("<!-- {} -->", seen.len()))
        });
        let expected =
            "<head>\n<link rel=\"icon\" href=\"data:,\">\n<!-- 1 -->\n<!-- 2 -->\n</head>";
        assert_eq!(out.unwrap(), expected);
        let dir = Asset::CopyDir("../lessons".to_string(), Some("l".to_string()));
        assert_eq!(seen, [Asset::Css("style.css".to_string()), dir]);
    }

    #[test]
    fn an_unknown_kind_is_refused() {
        let out = replace_links("<link data-trunk rel=\"sass\" href=\"x\">", |_| Ok(String::new()));
        assert!(out.unwrap_err().to_string().contains("sass"), "the message names the kind");
    }
}
