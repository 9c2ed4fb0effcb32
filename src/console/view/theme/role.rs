//! What a place on the screen means. Views speak of roles, theme files give them looks; no view names a colour.

macro_rules! roles {
    ($($(#[$doc:meta])+ $name:ident = $key:literal;)+) => {
        /// A meaning that a theme gives a look. Closed: the base themes must give every one of them a value.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Role {
            $($(#[$doc])+ $name,)+
        }

        impl Role {
            /// Every role, in the order of their declaration.
            pub const ALL: [Role; [$($key),+].len()] = [$(Role::$name),+];

            /// The role's name in a theme file.
            pub fn key(self) -> &'static str {
                match self {
                    $(Role::$name => $key,)+
                }
            }
        }
    };
}

roles! {
    /// The screen under everything; a colour here paints it, none leaves the terminal's own.
    Background = "background";
    /// What is read.
    Text = "text";
    /// What is read second.
    Dim = "dim";
    /// Rules and separators: seen, not read.
    Faint = "faint";
    /// What stands out without meaning good or bad: names, totals.
    Strong = "strong";
    /// The theme's one accent.
    Accent = "accent";
    /// The product's name, top left.
    Product = "product";
    /// The cloud's name in the header; a cloud may carry a colour of its own.
    Cloud = "cloud";
    /// A standing fact about the session: read-only, demo.
    Badge = "badge";
    /// A standing fact that calls for care: protected, certificates not checked.
    BadgeWarn = "badge-warn";
    /// A view's name among the tabs.
    Tab = "tab";
    /// The open view's name.
    TabActive = "tab-active";
    /// The name of a column, or of a value in a list of values.
    Heading = "heading";
    /// The name of the column that rows are sorted by.
    HeadingSorted = "heading-sorted";
    /// The title of a panel.
    Title = "title";
    /// The row under the cursor.
    Selected = "selected";
    /// A marked row.
    Marked = "marked";
    /// As it should be.
    Good = "good";
    /// Look at it.
    Warn = "warn";
    /// Broken.
    Bad = "bad";
    /// On its way.
    Busy = "busy";
    /// It cannot be told.
    Unknown = "unknown";
    /// A key in a hint.
    Key = "key";
    /// What a key does.
    Hint = "hint";
    /// The frame of a pop-up.
    Border = "border";
    /// The inside of a pop-up.
    Overlay = "overlay";
    /// The chosen line of a list in a pop-up.
    OverlaySelected = "overlay-selected";
    /// Text that is being typed.
    Input = "input";
    /// Letters that a search has found.
    Match = "match";
    /// Data older than it should be.
    Stale = "stale";
    /// The first line of a graph.
    Line1 = "line-1";
    /// The second.
    Line2 = "line-2";
    /// The third.
    Line3 = "line-3";
    /// The fourth.
    Line4 = "line-4";
}
