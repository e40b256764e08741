import Foundation

/// The networks, boards and golden vectors that come with the tool.
///
/// A checkout has them at its top, an installation in `share/spikelet` beside the `bin` that the
/// program lies in. Nothing says where: the program looks from its own place, so an installation may
/// be moved as a whole.
enum BundledFiles {
  /// The folders of bundled files, as documents and commands write them.
  static let folders = ["firmware-configs", "golden-vectors"]

  /// Where a path leads that a command was given.
  ///
  /// - Parameter path: as typed. One that begins with the name of a bundled folder means the working
  ///   directory's where that exists, and the tool's own otherwise.
  /// - Returns: the path itself wherever neither has it, so that messages name what was typed.
  static func url(_ path: String) -> URL {
    let given = URL(filePath: path)
    guard
      folders.contains(where: { path == $0 || path.hasPrefix($0 + "/") }),
      !path.split(separator: "/").contains(".."), !exists(given)
    else { return given }
    return roots.lazy.map { $0.appending(path: path) }.first(where: exists) ?? given
  }

  /// Where bundled files may lie, the nearest place first: `../share/spikelet` of the program, then
  /// the folders above it.
  private static var roots: [URL] {
    guard let program = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return [] }
    var place = program.deletingLastPathComponent()
    var roots = [place.appending(path: "../share/spikelet").standardizedFileURL]
    while place.pathComponents.count > 1 {
      place.deleteLastPathComponent()
      roots.append(place)
    }
    return roots
  }

  private static func exists(_ url: URL) -> Bool {
    FileManager.default.fileExists(atPath: url.path)
  }
}
