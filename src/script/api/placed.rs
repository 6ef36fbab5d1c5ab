//! Native modules whose errors know where they were called.
//!
//! rhai fills in the place of a failed native call, except for calls written with a module's name
//! (`theory::note("H4")`). These modules fill it in themselves.

use std::any::TypeId;
use std::sync::Arc;

use rhai::plugin::{FnManifestEntry, ModuleManifest, PluginFunc};
use rhai::{Dynamic, Engine, EvalAltResult, FuncRegistration, Module, NativeCallContext};

/// A native function that marks its errors with the place of its call.
struct Placed(&'static FnManifestEntry);

impl PluginFunc for Placed {
    fn call(
        &self,
        context: Option<NativeCallContext>,
        args: &mut [&mut Dynamic],
    ) -> Result<Dynamic, Box<EvalAltResult>> {
        let place = context.as_ref().map_or(rhai::Position::NONE, NativeCallContext::call_position);
        self.0.func.call(context, args).map_err(|mut error| {
            if error.position().is_none() {
                error.set_position(place);
            }
            error
        })
    }

    fn is_method_call(&self) -> bool {
        self.0.func.is_method_call()
    }

    fn has_context(&self) -> bool {
        true
    }

    fn is_pure(&self) -> bool {
        self.0.func.is_pure()
    }

    fn is_volatile(&self) -> bool {
        self.0.func.is_volatile()
    }
}

/// The module that `manifest` lists, every function [`Placed`].
pub(super) fn placed(manifest: &'static ModuleManifest) -> Module {
    let mut register = Engine::new_raw();
    register.register_global_module(Arc::new(Module::from_manifest(manifest)));
    let described = register.collect_fn_metadata(None, |info| Some(info.metadata.clone()), true);
    let mut module = Module::new();
    for function in described {
        let is_it = |entry: &&FnManifestEntry| {
            entry.name == function.name && types(entry).as_slice() == &*function.param_types
        };
        let Some(entry) = manifest.functions().iter().find(is_it) else { continue };
        let params = function.params_info.iter().chain([&function.return_type]);
        FuncRegistration::new(entry.name)
            .with_namespace(entry.namespace)
            .with_params_info(params)
            .with_comments(&function.comments)
            .set_into_module_raw(
                &mut module,
                types(entry),
                rhai::plugin::RhaiFunc::Plugin { func: Arc::new(Placed(entry)) },
            );
    }
    module
}

fn types(entry: &FnManifestEntry) -> Vec<TypeId> {
    let mut types = Vec::new();
    (entry.param_types)(&mut |of| types.extend_from_slice(of));
    types
}
