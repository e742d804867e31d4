//! The static site: the page, its program and the JavaScript package, from sources to `dist/`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::page::{self, Asset};
use crate::{setup, tool};

/// Where the site is written.
pub fn dist() -> PathBuf {
    tool::root().join("dist")
}

/// Builds the whole site in release form.
pub fn build() -> Result<()> {
    setup::wasm_target()?;
    // The page is built for size, the package for speed; see the profiles in the root manifest.
    compile("redarium-web", "page", &["--bin", "redarium-web"])?;
    // The engine once more, with Lua and without the page: fetched when somebody runs a script.
    compile("redarium-web", "page", &["--bin", "redarium-scripts", "--features", "lua"])?;
    compile("redarium-wasm", "release", &[])?;

    let target = tool::target_dir()?;
    let wasm = |profile, file| target.join("wasm32-unknown-unknown").join(profile).join(file);
    // Built aside and moved at the end: a failed build leaves the old site whole.
    let site = Site { source: tool::root().join("web"), out: target.join("dist") };
    clear(&site.out)?;
    site.program_interface(&wasm("release", "redarium_wasm.wasm"), &target.join("dist-package"))?;
    site.page(&wasm("page", "redarium-web.wasm"), &wasm("page", "redarium-scripts.wasm"))?;
    clear(&dist())?;
    fs::remove_dir(dist())?;
    fs::rename(&site.out, dist()).context("moving the site to dist/")?;
    report(&dist())
}

/// Compiles a package of ours for the browser.
fn compile(package: &str, profile: &str, more: &[&str]) -> Result<()> {
    let target = ["build", "--target", "wasm32-unknown-unknown"];
    tool::run(tool::cargo(&target).args(["--profile", profile, "--package", package]).args(more))
}

struct Site {
    source: PathBuf,
    out: PathBuf,
}

impl Site {
    /// `redarium.js`, its wasm and its types: names that other pages can count on, so without a hash.
    fn program_interface(&self, wasm: &Path, scratch: &Path) -> Result<()> {
        clear(scratch)?;
        bindgen(wasm, scratch, &["--out-name", "redarium"])?;
        for name in ["redarium.js", "redarium_bg.wasm", "redarium.d.ts"] {
            fs::copy(scratch.join(name), self.out.join(name)).with_context(|| name.to_string())?;
        }
        copy_dir_if_there(&scratch.join("snippets"), &self.out.join("snippets"))
    }

    /// The page and everything it links to.
    fn page(&self, wasm: &Path, scripts: &Path) -> Result<()> {
        let path = self.source.join("index.html");
        let source = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let mut styles = self.styles(&source)?;
        let page = page::replace_links(&source, |asset| match asset {
            Asset::Rust => self.program(wasm, scripts),
            Asset::Css(_) => Ok(std::mem::take(&mut styles)),
            Asset::Icon(href) => {
                Ok(format!("<link rel=\"icon\" href=\"./{}\">", self.copy_hashed(&href)?))
            }
            Asset::CopyFile(href, folder) => {
                let folder = self.out.join(folder.unwrap_or_default());
                fs::create_dir_all(&folder)?;
                let from = self.source.join(&href);
                fs::copy(&from, folder.join(name_of(&from)?)).context(href)?;
                Ok(String::new())
            }
            Asset::CopyDir(href, name) => {
                let from = self.source.join(&href);
                let name = name.map_or_else(|| name_of(&from), Ok)?;
                copy_dir(&from, &self.out.join(name)).context(href)?;
                Ok(String::new())
            }
        })?;
        fs::write(self.out.join("index.html"), page).context("writing index.html")
    }

    /// All style sheets as one, where the first of them stands: each request more makes the first visit slower.
    fn styles(&self, page: &str) -> Result<String> {
        let mut sheet = String::new();
        page::replace_links(page, |asset| {
            if let Asset::Css(href) = asset {
                let path = self.source.join(&href);
                sheet.push_str(&fs::read_to_string(path).with_context(|| href.clone())?);
            }
            Ok(String::new())
        })?;
        let name = format!("style-{}.css", content_hash(sheet.as_bytes()));
        fs::write(self.out.join(&name), sheet)?;
        Ok(format!("<link rel=\"stylesheet\" href=\"./{name}\">"))
    }

    /// The program under a name that changes with it, and the lines of the page that start it.
    /// Of the program for scripts it says only where it is.
    fn program(&self, wasm: &Path, scripts: &Path) -> Result<String> {
        let named = |stem: &str, wasm: &Path| -> Result<String> {
            let name = format!("{stem}-{}", content_hash(&fs::read(wasm)?));
            bindgen(wasm, &self.out, &["--out-name", &name, "--no-typescript"])?;
            Ok(name)
        };
        let name = named("redarium-web", wasm)?;
        let scripts = named("redarium-scripts", scripts)?;
        Ok(format!(
            "<link rel=\"modulepreload\" href=\"./{name}.js\">\n\
             <link rel=\"preload\" href=\"./{name}_bg.wasm\" as=\"fetch\" type=\"application/wasm\" crossorigin>\n\
             <meta name=\"redarium-scripts\" content=\"./{scripts}.js\">\n\
             <script type=\"module\">import init from \"./{name}.js\"; init();</script>"
        ))
    }

    fn copy_hashed(&self, href: &str) -> Result<String> {
        let bytes = fs::read(self.source.join(href)).with_context(|| href.to_string())?;
        let file = name_of(Path::new(href))?;
        let (stem, extension) = file.rsplit_once('.').unwrap_or((&file, "bin"));
        let name = format!("{stem}-{}.{extension}", content_hash(&bytes));
        fs::write(self.out.join(&name), bytes)?;
        Ok(name)
    }
}

fn bindgen(wasm: &Path, out: &Path, more: &[&str]) -> Result<()> {
    let wasm = wasm.to_str().context("a path that is not UTF-8")?;
    let out = out.to_str().context("a path that is not UTF-8")?;
    let mut args = vec![wasm, "--out-dir", out, "--target", "web"];
    args.extend(["--remove-name-section", "--remove-producers-section"]);
    args.extend(more);
    tool::bindgen(&args).with_context(|| format!("wasm-bindgen on {wasm}"))
}

/// FNV-1a of the bytes, in hexadecimal: enough to tell two builds apart.
fn content_hash(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

fn name_of(path: &Path) -> Result<String> {
    let name = path.file_name().with_context(|| format!("{} has no name", path.display()))?;
    Ok(name.to_string_lossy().into_owned())
}

fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))
}

fn copy_dir_if_there(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() { copy_dir(from, to) } else { Ok(()) }
}

fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_dir(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn report(dist: &Path) -> Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dist)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.push((entry.file_name().to_string_lossy().into_owned(), entry.metadata()?.len()));
        }
    }
    files.sort();
    println!("\n{}", dist.display());
    for (name, len) in files {
        println!("{:>9.1} KB  {name}", len as f64 / 1000.0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(content_hash(b""), "cbf29ce484222325");
        assert_eq!(content_hash(b"a"), "af63dc4c8601ec8c");
    }
}
