import Foundation

/// Where the files of the repository are that tests read.
package enum Repository {
  /// The folder of Package.swift.
  package static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The networks that real exporters wrote, by the name of their file.
  package static func exportedNetwork(_ name: String) -> URL {
    root.appending(path: "Tests/SpikeletImportTests/Fixtures").appending(path: name)
  }

  /// A graph of NIR that the tests' script writes, by the name of its file.
  package static func nirGraph(_ name: String) -> URL {
    root.appending(path: "Tests/SpikeletImportTests/NIRFixtures").appending(path: name)
  }
}
