/// A group or a dataset of a file, read as a whole.
public indirect enum HDF5Item: Sendable {
  /// A group: what it contains, by name.
  case group([String: HDF5Item])
  /// A dataset: its values, or why they cannot be read. What nobody asks for may be unreadable.
  case dataset(Result<HDF5Array, HDF5Error>)
  /// A link that leads to another place of this file or into another one, which is not followed.
  case link(String)
}

/// The values of a dataset, in row-major order.
public struct HDF5Array: Sendable {
  /// The elements of each dimension; empty for a scalar.
  public var shape: [Int]
  /// The elements.
  public var values: Values

  /// Elements of one type.
  public enum Values: Sendable {
    /// Whole numbers of up to 64 bits, and truth values.
    case integers([Int])
    /// Floating point numbers of 16, 32 or 64 bits.
    case reals([Double])
    /// Text of fixed or variable length.
    case strings([String])
  }

  /// Makes an array of its parts.
  public init(shape: [Int], values: Values) {
    self.shape = shape
    self.values = values
  }
}

/// Reads HDF5 files: the subset that h5py writes.
///
/// Superblocks 0 to 3, old and new groups, contiguous, compact and chunked datasets, deflate and
/// shuffle; whole numbers, floating point numbers, truth values and text. Everything else is refused
/// by name. Attributes are not read.
public enum HDF5File {
  /// The eight bytes that a file begins with.
  public static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The root group of a file.
  ///
  /// - Throws: where the file is damaged, or uses what is not read on the way to its datasets. What is
  ///   wrong with a dataset is in its item.
  public static func read(_ bytes: [UInt8]) throws(HDF5Error) -> HDF5Item {
    let superblock = try Superblock(bytes)
    var reader = ObjectReader(file: superblock.file)
    return try reader.item(at: superblock.root, path: "", depth: 0)
  }
}
