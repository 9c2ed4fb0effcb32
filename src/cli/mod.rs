//! Arguments to one mode; failure to exit code.
