//! Models that stay loaded from one run of a script to the next.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::model::{Library, Model, ModelError};

/// Models by the path and the device that they were loaded by; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Loaded(Arc<Mutex<Models>>);

type Models = BTreeMap<(String, String), (State, Model)>;
/// What a model's files were like: they may be trained anew between two runs.
type State = (String, Vec<(PathBuf, Option<SystemTime>)>);

impl Loaded {
    /// The model that is kept, or else the one that `load` gives, which is kept from then on. A model whose
    /// files have changed is loaded anew.
    ///
    /// # Errors
    /// Those of `load`, and that there is no such model.
    pub(super) fn get(
        &self,
        library: &Library,
        path: &str,
        device: &str,
        load: impl FnOnce() -> Result<Model, ModelError>,
    ) -> Result<Model, ModelError> {
        let beside = library.files_beside(path).into_iter().map(|file| {
            let modified = std::fs::metadata(&file).and_then(|about| about.modified()).ok();
            (file, modified)
        });
        let state = (library.hash(path)?, beside.collect());
        let key = (path.to_owned(), device.to_owned());
        let mut models = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, model)) = models.get(&key)
            && *known == state
        {
            return Ok(model.clone());
        }
        let model = load()?;
        models.insert(key, (state, model.clone()));
        Ok(model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DeviceName;

    #[test]
    fn a_model_is_loaded_once() {
        let (loaded, library) = (Loaded::default(), Library::default());
        let opened = DeviceName::Cpu.open().unwrap();
        let mut count = 0;
        for _ in 0..2 {
            let load = || {
                count += 1;
                library.load("hybrid", &opened.device, true)
            };
            assert_eq!(loaded.get(&library, "hybrid", "cpu", load).unwrap().name(), "hybrid");
        }
        assert_eq!(count, 1);
        assert!(loaded.get(&library, "nowhere", "cpu", || unreachable!("there are no files")).is_err());
    }
}
