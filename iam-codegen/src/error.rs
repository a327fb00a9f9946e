//! The one error type of the crate: a document and what is wrong with it.

use std::fmt;

/// What one place of a document lacks or gets wrong.
///
/// `Display` gives everything in one line: place, operation, fault, remedy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Problem {
    /// The file at fault, if it is not the document of the [`Error`]: an overlay.
    pub document: Option<Box<str>>,
    /// Line and column, both from 1, where the syntax fails.
    pub position: Option<(usize, usize)>,
    /// JSON pointer (RFC 6901) into the document; empty for the document itself.
    pub pointer: String,
    /// The operation that the place belongs to: its operationId, or its method and path.
    pub operation: Option<Box<str>>,
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<Box<str>>,
}

impl Problem {
    /// A problem at `pointer`.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            document: None,
            position: None,
            pointer: pointer.into(),
            operation: None,
            message: message.into(),
            remedy: None,
        }
    }

    /// A problem of syntax at `line` and `column`, both from 1.
    pub fn at(line: usize, column: usize, message: impl Into<String>) -> Self {
        Self { position: Some((line, column)), ..Self::new("", message) }
    }

    /// Names the file at fault, where that is not the document of the error.
    #[must_use]
    pub fn document(mut self, document: impl Into<String>) -> Self {
        self.document = Some(document.into().into());
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into().into());
        self
    }

    /// Names the operation.
    #[must_use]
    pub fn operation(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into().into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.position {
            write!(f, "line {line}, column {column}: ")?;
        }
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        if let Some(operation) = &self.operation {
            write!(f, "operation {operation}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(remedy) = &self.remedy {
            write!(f, "; {remedy}")?;
        }
        Ok(())
    }
}

/// A document that cannot be taken further, with everything found wrong in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    document: String,
    problems: Vec<Problem>,
}

impl Error {
    /// An error of the document called `document`.
    pub fn new(document: impl Into<String>, problems: impl Into<Vec<Problem>>) -> Self {
        let problems = problems.into();
        debug_assert!(!problems.is_empty(), "an error names at least one problem");
        Self { document: document.into(), problems }
    }

    /// The name the document was loaded under.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Everything that was found, in the order of the document; never empty.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            let document = problem.document.as_deref().unwrap_or(&self.document);
            write!(f, "{document}: {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
