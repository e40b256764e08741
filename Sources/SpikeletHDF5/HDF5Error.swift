import SpikeletSupport

/// Why an HDF5 file, or an object in it, cannot be read.
public struct HDF5Error: Error, Hashable, Sendable, CustomStringConvertible {
  /// The object that was being read, such as `/node/edges`; empty for the file as a whole.
  public var path: String
  /// What is wrong, and what was needed instead.
  public var reason: String
  /// The byte of the file where it is wrong; nil where no place can be named.
  public var offset: Int?
  /// What to do about it, where that can be said.
  public var advice: String?

  /// Makes an error of all its parts.
  public init(path: String = "", _ reason: String, offset: Int? = nil, advice: String? = nil) {
    self.path = path
    self.reason = reason
    self.offset = offset
    self.advice = advice
  }

  /// Object, reason, place and advice on one line.
  public var description: String {
    var text = path.isEmpty ? reason : "\(path.printableName): \(reason)"
    if let offset { text += " (at byte \(offset))" }
    if let advice { text += "; \(advice)" }
    return text.printable
  }
}

/// What a file may ask for, so that a small one cannot ask for much.
enum HDF5Limits {
  /// The objects of a file, counted once for every path that leads to them.
  static let objects = 1 << 16
  /// Groups inside groups.
  static let depth = 64
  /// The messages of one object header.
  static let messages = 4096
  /// The nodes of one B-tree, and the blocks of one heap.
  static let nodes = 1 << 16
  /// The dimensions of a dataset.
  static let rank = 8
  /// The bytes of all datasets of a file, unpacked.
  static let bytes = 1 << 28
  /// The bytes of all strings of a file, counted once for every reference.
  static let text = 1 << 24
}
