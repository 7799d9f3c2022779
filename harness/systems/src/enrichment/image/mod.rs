//! The image of the service: one Python script of the standard library alone, on the base image, which has Python.
use crate::docker::images::{BASE, Build, Context, ImageError, Recipe, Shop};

const DOCKERFILE: &str = include_str!("Dockerfile");
const SERVE: &str = include_str!("serve.py");
/// Every category, one a line: the script and we read the same list.
pub(super) const CATEGORIES: &str = include_str!("categories.txt");

/// `brinell/enrichment`.
pub(crate) static IMAGE: Recipe = Recipe {
    name: "enrichment",
    version: "Merchant service 1",
    parent: Some(&BASE),
    files: &[
        ("Dockerfile", DOCKERFILE),
        ("serve.py", SERVE),
        ("categories.txt", CATEGORIES),
    ],
    given: |_| None,
    make: |shop, tag| Box::pin(make(shop, tag)),
};

async fn make(shop: &Shop<'_>, tag: &str) -> Result<(), ImageError> {
    let base = shop.image(&BASE).await?;
    let files = Context::default()
        .text("opt/enrichment/serve.py", SERVE)
        .text("opt/enrichment/categories.txt", CATEGORIES);
    let labels = [("brinell.version", IMAGE.version)];
    shop.build(Build {
        name: "enrichment",
        tag,
        dockerfile: DOCKERFILE,
        args: &[("BASE", &base)],
        labels: &labels,
        files,
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{CATEGORIES, DOCKERFILE, SERVE};
    use crate::enrichment::{PORT, SCRIPT};

    #[test]
    fn the_script_is_started_from_where_it_is_looked_for_and_listens_where_it_is_asked() {
        assert!(DOCKERFILE.contains(&format!("[\"python3\", \"{SCRIPT}\"]")));
        assert!(SERVE.contains(&format!("\nPORT = {PORT}\n")));
    }

    #[test]
    fn every_category_is_one_word_of_its_own() {
        let mut names: Vec<&str> = CATEGORIES.lines().collect();
        assert!(
            names
                .iter()
                .all(|name| name.split_whitespace().count() == 1)
        );
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CATEGORIES.lines().count());
    }
}
