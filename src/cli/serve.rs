//! `ricercar serve [SCRIPT]`: a script as a page in the browser.

use std::path::PathBuf;

use clap::Args;

use super::Program;
use super::failure::Failure;

/// Show a script as a page.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The script (rhai), which makes its page with the functions of `ui`
    script: Option<PathBuf>,
    /// What the script finds in `args`; after `--`, options of its own
    #[arg(requires = "script")]
    args: Vec<String>,
    /// Port of this machine that the page is served on; 0 takes any that is free
    #[arg(long, value_name = "N", default_value_t = 8077)]
    port: u16,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
}

#[cfg(not(feature = "serve"))]
pub(super) fn run(_: &Program, _: &Serve) -> Result<(), Failure> {
    Err(Failure::Failed(
        "this program was built without the server of pages: `cargo install --path . --features serve` builds it in"
            .into(),
    ))
}

#[cfg(feature = "serve")]
pub(super) use with::run;

#[cfg(feature = "serve")]
mod with {
    use std::path::Path;
    use std::time::Duration;

    use super::{Failure, Program, Serve};
    use crate::cli::{SANDBOX_SECONDS, bug};
    use crate::script::{Context, Loaded};
    use crate::serve::{Creator, Limits, Server};

    /// The script that is shown where none is named.
    const CREATOR: (&str, &str) = ("creator.rhai", include_str!("../../examples/creator.rhai"));

    /// Serves pages of a script until Ctrl-C.
    ///
    /// # Errors
    /// That there is no such script, or that nothing can listen on the port.
    pub(in crate::cli) fn run(program: &Program, asked: &Serve) -> Result<(), Failure> {
        let terminal = &program.terminal;
        let server = Server::open(creator(program, asked)?, asked.port, Limits::default())?;
        let address = server.address();
        terminal.line(&address)?;
        terminal.note("the page is at this address, for browsers on this machine; Ctrl-C ends it");
        if asked.open
            && let Err(error) = open::that_detached(&address)
        {
            terminal.warn(&format!("cannot open a browser: {error}"));
        }
        Ok(server.run(program.interrupt.cancel())?)
    }

    fn creator(program: &Program, asked: &Serve) -> Result<Creator, Failure> {
        let globals = &program.arguments.globals;
        let script = asked.script.clone();
        let name = script.as_ref().map_or(CREATOR.0.to_owned(), |script| script.display().to_string());
        // Models are loaded once for all pages; what else a script has is its page's own.
        let context = Context { loaded: Some(Loaded::default()), ..program.context(script.as_deref()) };
        let text = move || script.as_deref().map_or(Ok(CREATOR.1.to_owned()), read);
        text().map_err(Failure::Failed)?;
        let most = globals.max_seconds.or(globals.sandbox.then_some(SANDBOX_SECONDS));
        Ok(Creator {
            name,
            text: Box::new(text),
            args: asked.args.clone(),
            context: Box::new(move || Context { ledger: Default::default(), ..context.clone() }),
            longest: most.map(|most| Duration::from_secs(most.into())),
            told: bug::told,
        })
    }

    fn read(script: &Path) -> Result<String, String> {
        std::fs::read_to_string(script)
            .map_err(|error| format!("cannot read the script `{}`: {error}", script.display()))
    }
}
