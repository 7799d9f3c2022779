//! Laws of the words: names, docs, examples, settings.
use super::{Subject, Told, claim, example};
use serde_json::{Value, json};

pub fn names(subject: Subject) -> Told {
    let names: Vec<&str> = subject.catalog.iter().map(|fault| fault.name()).collect();
    for (at, name) in names.iter().enumerate() {
        let letters = name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        claim(
            letters && !name.starts_with('-') && !name.ends_with('-') && !name.is_empty(),
            || format!("`{name}` is not kebab-case"),
        )?;
        claim(!names[..at].contains(name), || format!("`{name}` twice"))?;
    }
    Ok(())
}

pub fn docs(subject: Subject) -> Told {
    for fault in subject.catalog {
        let settings = fault.settings().iter().map(|setting| setting.doc);
        for text in settings.chain([fault.doc(), fault.proof()]) {
            let one = text.ends_with('.') && !text.trim_end_matches('.').contains(". ");
            let begins = text.starts_with(|c: char| c.is_uppercase());
            claim(one && begins, || {
                format!("{}: `{text}` is no sentence", fault.name())
            })?;
        }
    }
    Ok(())
}

pub fn examples(subject: Subject) -> Told {
    for fault in subject.catalog {
        let name = fault.name();
        let settings = example(*fault).map_err(|why| format!("{name}: {why}"))?;
        let explicit = fault
            .check(&json!({}))
            .map_err(|error| format!("{name}: no defaults: {error}"))?;
        for setting in fault.settings() {
            let told = explicit.get(setting.name).map(as_written);
            claim(told.as_deref() == Some(setting.default), || {
                format!(
                    "{name}: `{}` defaults to {told:?}, not as told",
                    setting.name
                )
            })?;
            claim(settings.get(setting.name).is_some(), || {
                format!("{name}: the example lacks `{}`", setting.name)
            })?;
        }
        claim(fault.check(&settings).as_ref() == Ok(&settings), || {
            format!("{name}: checked settings are refused or change")
        })?;
    }
    Ok(())
}

fn as_written(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

pub fn unknown_settings(subject: Subject) -> Told {
    for fault in subject.catalog {
        let mut settings = example(*fault)?;
        let members = settings.as_object_mut().ok_or("settings are no object")?;
        members.insert("sginal".into(), json!("KILL"));
        let refused = fault.check(&settings);
        claim(
            refused.as_ref().is_err_and(|error| error.key == "sginal"),
            || format!("{}: {refused:?}", fault.name()),
        )?;
    }
    Ok(())
}
