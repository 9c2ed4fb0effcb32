//! Stackdeck's own settings: files, environment, flags; typed, each with its origin.
