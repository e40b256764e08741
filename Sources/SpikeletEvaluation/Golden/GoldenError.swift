import SpikeletSupport

/// Why golden vectors cannot be used.
package enum GoldenError: Error, Equatable, CustomStringConvertible, Sendable {
  case missing(file: String)
  case unreadable(FileError)
  /// A file is not the one that the manifest was written for.
  case wrongFile(file: String, needed: String, given: String)
  /// The vectors were made from another model.
  case wrongModel(file: String, needed: String, given: String)
  case damaged(file: String, line: Int, reason: String)
  case unsuitable(file: String, reason: String)

  package var description: String {
    switch self {
    case .unreadable(let error): "\(error)"
    case .missing(let file): "\(file): does not exist or is not readable"
    case .wrongFile(let file, let needed, let given):
      """
      \(file): is not the file that the manifest lists
        manifest  \(needed)
        file      \(given)
        restore the file, or regenerate the vectors with `spikelet golden`
      """
    case .wrongModel(let file, let needed, let given):
      """
      \(file): is not the model that the vectors were made from
        vectors  \(needed)
        model    \(given)
        give the right model with --model, or regenerate the vectors with `spikelet golden`
      """
    case .damaged(let file, let line, let reason):
      "\(file.printableName), line \(line): \(reason.printable)"
    case .unsuitable(let file, let reason): "\(file.printableName): \(reason.printable)"
    }
  }
}
