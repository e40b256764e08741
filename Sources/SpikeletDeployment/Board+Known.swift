import Foundation
import SpikeletCompiler
import SpikeletSupport

extension Board {
  /// Every board that is described where ``init(named:near:)`` looks, in the order of their files'
  /// names; of two files with one name, the nearer.
  ///
  /// - Returns: the boards, and what is wrong with files that describe none: somebody's folder may be
  ///   called so for another reason.
  public static func known(near folder: URL) -> (boards: [Board], problems: [Diagnostics]) {
    var files: [String: URL] = [:]
    for place in folders(near: folder) {
      for name in names(in: place) where files[name] == nil {
        files[name] = place.appending(path: "\(name).json")
      }
    }
    var boards: [Board] = []
    var problems: [Diagnostics] = []
    for (_, file) in files.sorted(by: { $0.key < $1.key }) {
      do {
        boards.append(try Board(contentsOf: file))
      } catch {
        problems.append(error)
      }
    }
    return (boards, problems)
  }
}
