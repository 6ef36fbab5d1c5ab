//! Why no pages can be served.

/// What is wrong with the machine that pages are to be served on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Something else listens there.
    #[error(
        "port {0} of this machine is taken: --port names another one, and --port 0 takes any that is free"
    )]
    Taken(u16),
    /// The system refuses to listen there.
    #[error("cannot listen on port {port} of this machine: {source}")]
    Port {
        /// The port.
        port: u16,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system refuses what every server needs.
    #[error("cannot serve pages: {0}")]
    System(#[from] std::io::Error),
}
