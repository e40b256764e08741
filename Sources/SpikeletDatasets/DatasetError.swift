import SpikeletSupport

/// The one error of this module: what is wrong, and in which file.
///
/// `file` is nil while bytes are read that belong to no file; the loaders fill it in. The
/// description names the place, what was needed, what was given, and what to do about it.
package struct DatasetError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong.
  package let problem: Problem
  /// The path of the file it is wrong in, where there is one.
  package let file: String?

  /// Makes an error; `file` is the path of the file at fault.
  package init(_ problem: Problem, file: String? = nil) {
    self.problem = problem
    self.file = file
  }

  /// The same error, placed in `path` unless it has a place already.
  package func at(_ path: String) -> DatasetError {
    DatasetError(problem, file: file ?? path)
  }

  /// Place, problem and remedy: one line, or one for each of several problems.
  package var description: String {
    if case .several(let errors) = problem {
      var lines = errors.prefix(20).map { "  \($0)" }
      if errors.count > lines.count { lines.append("  … and \(errors.count - lines.count) more") }
      let subject = file.map { "\($0.printableName): " } ?? ""
      return "\(subject)cannot be used (\(errors.count) problems)\n"
        + lines.joined(separator: "\n")
    }
    let text = "\(problem.text)\(problem.remedy.map { "; \($0)" } ?? "")"
    guard let file else { return text.printable }
    return "\(file.printableName): \(text.printable)"
  }
}

extension DatasetError {
  /// Every way in which reading a data set fails.
  package enum Problem: Equatable, Sendable {
    /// The compressed data ends early, `offset` bytes in.
    case truncatedStream(offset: Int)
    /// The compressed data breaks its format; `reason` says how, near byte `offset`.
    case corruptStream(reason: String, offset: Int)
    /// The decompressed bytes do not have the CRC-32 that the gzip trailer states.
    case checksum(needed: UInt32, given: UInt32)
    /// The decompressed bytes do not have the length (modulo 2³²) that the gzip trailer states.
    case streamLength(needed: UInt32, given: UInt32)
    /// Decompression would give more than `limit` bytes.
    case outputLimit(limit: Int)

    /// An IDX file starts with another magic number than its kind has.
    case magic(needed: UInt32, given: UInt32, what: String)
    /// The file is shorter than its header.
    case header(needed: Int, given: Int)
    /// A count or dimension in the header is outside 1 … `limit`.
    case dimension(name: String, given: UInt32, limit: Int)
    /// The length of the file is not the one its header promises.
    case length(needed: Int, given: Int)
    /// The file is not a whole number of records, or has none.
    case records(size: Int, given: Int)
    /// The label of image `index` is above `limit`.
    case label(index: Int, given: Int, limit: Int)

    /// The pictures have another shape (height × width) than the data set has.
    case shape(needed: String, given: String)
    /// Images and labels of one split differ in number; `labels` is the file of the labels.
    case count(images: Int, labels: Int, labelsFile: String)
    /// Files that no folder searched has.
    case missing(files: [String], folders: [String], command: String)
    /// The system did not give the file's bytes.
    case unreadable(reason: String)
    /// The file is larger than this module reads.
    case fileSize(limit: Int, given: Int)

    /// The pictures have another shape than the network; `command` gives them the right one.
    case pictures(needed: PictureShape, given: PictureShape, command: String)
    /// Anything else that is wrong with a person's own data, and what to do about it.
    case unusable(reason: String, remedy: String?)
    /// A folder has no pictures of any form; what it has instead, and what is needed.
    case noPictures(reason: String, remedy: String)
    /// Several files are wrong, each in its own way.
    case several([DatasetError])
  }
}

extension DatasetError.Problem {
  fileprivate var text: String {
    switch self {
    case .truncatedStream(let offset):
      return "compressed data ends early, after byte \(offset)"
    case .corruptStream(let reason, let offset):
      return "corrupt compressed data near byte \(offset): \(reason)"
    case .checksum(let needed, let given):
      return "gzip CRC-32 is \(hex(needed)), the data has \(hex(given))"
    case .streamLength(let needed, let given):
      return "gzip states a length of \(needed) bytes (modulo 2^32), the data has \(given)"
    case .outputLimit(let limit):
      return "decompresses to more than the limit of \(limit) bytes"
    case .magic(let needed, let given, let what):
      return "not a file of \(what): magic number \(hex(given)), needed \(hex(needed))"
    case .header(let needed, let given):
      return "too short for its header: \(given) bytes, needed at least \(needed)"
    case .dimension(let name, let given, let limit):
      return "header gives \(given) as \(name), needed 1 to \(limit)"
    case .length(let needed, let given):
      let kind = given < needed ? "truncated" : "has trailing bytes"
      return "\(kind): \(given) bytes, its header needs exactly \(needed)"
    case .records(let size, let given):
      return "\(given) bytes are not one or more whole records of \(size) bytes"
    case .label(let index, let given, let limit):
      return "label \(given) of image \(index) is out of range, needed 0 to \(limit)"
    case .shape(let needed, let given):
      return "pictures of \(given), needed \(needed) (height x width)"
    case .count(let images, let labels, let labelsFile):
      return "\(images) images, but \(labels) labels in \(labelsFile)"
    case .missing(let files, let folders, _):
      let list = files.joined(separator: ", ")
      return "missing data set files: \(list); looked in \(folders.joined(separator: " and "))"
    case .unreadable(let reason):
      return "cannot be read: \(reason)"
    case .fileSize(let limit, let given):
      return "\(given) bytes, this reader takes at most \(limit)"
    case .pictures(let needed, let given, _):
      return "has pictures of \(given), needed \(needed) (channels x height x width)"
    case .unusable(let reason, _), .noPictures(let reason, _):
      return reason
    case .several(let errors):
      return "\(errors.count) problems"
    }
  }

  fileprivate var remedy: String? {
    switch self {
    case .missing(_, _, let command):
      return command
    case .truncatedStream, .corruptStream, .checksum, .streamLength, .header, .length, .records:
      return "copy the file again, or fetch it with scripts/download-datasets"
    case .outputLimit:
      return "unpack the file, which is then read piece by piece"
    case .pictures(_, _, let command):
      return command
    case .noPictures(_, let remedy):
      return remedy
    case .unusable(_, let remedy):
      return remedy
    case .several:
      return nil
    case .magic, .dimension, .shape, .fileSize:
      return "check that this is the intended file"
    case .label, .count:
      return "use the images and labels of one data set and split"
    case .unreadable:
      return "check the path and its permissions"
    }
  }

  private func hex(_ value: UInt32) -> String { "0x" + value.hexDigits.uppercased() }
}
