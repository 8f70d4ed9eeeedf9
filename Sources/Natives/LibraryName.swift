/// What a shared library is called in the places where it may be.
package struct LibraryName: Sendable, Hashable {
    /// For messages.
    package let title: String
    /// What the system's loader knows it by.
    package let fileName: String
    /// Below a folder of Python's search path, where its wheel puts it; nil for one that no wheel holds. A `*` stands for
    /// what differs from one Python to the next.
    package let pathBesidePython: String?
    /// The environment variable that names the file; the composition root reads it. Nil where there is none.
    package let variable: String?
    package let installCommand: String

    package init(
        title: String, fileName: String, pathBesidePython: String? = nil, variable: String? = nil,
        installCommand: String
    ) {
        self.title = title
        self.fileName = fileName
        self.pathBesidePython = pathBesidePython
        self.variable = variable
        self.installCommand = installCommand
    }
}
