import CBoardPlatform
import SpikeletRuntime

/// Why the program cannot do what it was asked: one line on standard error, exit code 2.
///
/// The texts are those of the host's tool, so that a message means the same wherever it appears.
enum BoardError: Error {
  /// The arguments: what is wrong, and the argument that it is about.
  case usage(StaticString, CText?)
  case unreadable(FileName)
  /// The model, its arena or an inference was refused.
  case refused(FileName, SpikeletError)
  /// The system gave no memory.
  case memory(Int)
  /// An IDX file starts with another magic number than its kind has.
  case magic(FileName, needed: UInt32, given: UInt32)
  case header(FileName, needed: Int, given: Int)
  /// A count or dimension of an IDX header is outside 1 … `limit`.
  case dimension(FileName, StaticString, given: UInt32, limit: UInt32)
  /// The length of a file is not the one that its header promises; nil for more than 2 GB.
  case length(FileName, needed: UInt32?, given: Int)
  case shape(FileName, PictureShape, needed: PictureShape)
  /// A raw file is not a whole number of pictures.
  case records(FileName, size: Int, given: Int)
  /// A file ends inside of a picture, of which it has `given` bytes.
  case cut(FileName, image: UInt32, needed: Int, given: Int)
  /// A file of pictures, or the model, lacks something; with the number of a picture where one is
  /// meant.
  case unfit(FileName, StaticString, image: UInt32?)
  case label(FileName, index: UInt32, given: UInt8, limit: Int)
  case labelCount(FileName, images: UInt32, labels: UInt32, in: FileName)
  /// A line of golden vectors is not what stands there in a complete file.
  case vectors(FileName, line: UInt32, StaticString)
  case vectorNumber(FileName, line: UInt32, after: StaticString)
  case vectorWords(FileName, line: UInt32, StaticString, Int)
  /// The vectors do not belong to the model or to the pictures.
  case unsuitable(FileName, count: UInt32, of: StaticString, needed: UInt32)
  case output
  #if !SPIKELET_WITHOUT_SERVE
    /// The line of a picture could not be written; those before it were.
    case unanswered(UInt32)
    /// Standard input could not be read after so many pictures.
    case input(UInt32)
  #endif
  #if !SPIKELET_WITHOUT_THREADS
    /// The system gives no more threads.
    case threads(Int)
  #endif
}

/// The extents of a picture.
struct PictureShape: Equatable, Sendable {
  var channels: UInt32
  var height: UInt32
  var width: UInt32
}

extension BoardError {
  /// Prints the error as one line.
  func report() {
    let out = Output.error
    out.put("spikelet-board: ")
    switch self {
    case .usage(let text, let argument):
      if let argument { out.put(argument).put(": ") }
      out.put(text).put("; see spikelet-board --help")
    case .unreadable(let file):
      out.put(file).put(": does not exist, is not a plain file, or is not readable")
    case .refused(let file, let error): out.put(file).put(": ").put(error)
    case .memory(let count): out.put("the system has no ").put(count).put(" bytes of memory")
    case .output: out.put("standard output: cannot be written")
    #if !SPIKELET_WITHOUT_SERVE
      case .unanswered(let count):
        out.put("standard output: ")
          .put(platform_output_closed() ? "its reader has gone" : "cannot be written").put("; ")
          .put(count).put(" pictures are answered, image ").put(count)
          .put(" was read but not answered")
      case .input(let count):
        out.put("standard input: cannot be read after ").put(count).put(" pictures")
    #endif
    #if !SPIKELET_WITHOUT_THREADS
      case .threads(let count):
        out.put("the system does not start ").put(count).put(" threads; use fewer")
    #endif
    case .vectors(let file, let line, let text):
      out.put(file).put(", line ").put(line).put(": ").put(text)
    case .vectorNumber(let file, let line, let keyword):
      out.put(file).put(", line ").put(line).put(": needed \"").put(keyword)
        .put("\" and a number")
    case .vectorWords(let file, let line, let keyword, let count):
      out.put(file).put(", line ").put(line).put(": needed \"").put(keyword).put("\" and ")
        .put(count).put(" values")
    case .unsuitable(let file, let count, let what, let needed):
      out.put(file).put(": has ").put(count).put(" ").put(what).put(", needed ").put(needed)
    default: reportPictures(out)
    }
    out.put("\n")
  }

  private func reportPictures(_ out: Output) {
    switch self {
    case .magic(let file, let needed, let given):
      out.put(file).put(": not a file of IDX ").put(needed == IDX.labels ? "labels" : "images")
        .put(": magic number 0x").put(hex: given, isUppercase: true)
        .put(", needed 0x").put(hex: needed, isUppercase: true).put(Self.intended)
    case .header(let file, let needed, let given):
      out.put(file).put(": too short for its header: ").put(given)
        .put(" bytes, needed at least ").put(needed)
    case .dimension(let file, let name, let given, let limit):
      out.put(file).put(": header gives ").put(given).put(" as ").put(name)
        .put(", needed 1 to ").put(limit).put(Self.intended)
    case .length(let file, let needed, let given):
      guard let needed else {
        out.put(file).put(": its header needs more than 2 GB").put(Self.intended)
        return
      }
      let isShort = given < Int(truncatingIfNeeded: needed)
      out.put(file).put(isShort ? ": truncated: " : ": has trailing bytes: ").put(given)
        .put(" bytes, its header needs exactly ").put(needed).put("; copy the file again")
    case .shape(let file, let given, let needed):
      out.put(file).put(": has pictures of ").put(given).put(", needed ").put(needed)
    case .records(let file, let size, let given):
      out.put(file).put(": ").put(given)
        .put(" bytes are not one or more whole records of ").put(size).put(" bytes")
        .put(Self.intended)
    case .label(let file, let index, let given, let limit):
      out.put(file).put(": label ").put(UInt32(truncatingIfNeeded: given)).put(" of image ")
        .put(index).put(" is out of range, needed 0 to ").put(limit).put(Self.match)
    case .labelCount(let file, let images, let labels, let labelsFile):
      out.put(file).put(": ").put(images).put(" images, but ").put(labels).put(" labels in ")
        .put(labelsFile).put(Self.match)
    case .cut(let file, let image, let needed, let given):
      out.put(file).put(": ends before it is complete: image ").put(image).put(" has ").put(given)
        .put(" of ").put(needed).put(" bytes")
    case .unfit(let file, let text, let image):
      out.put(file).put(": ").put(text)
      if let image { out.put(image) }
    default: break
    }
  }

  private static var intended: StaticString { "; check that this is the intended file" }
  private static var match: StaticString {
    "; use the images and labels of one data set and split"
  }
}

extension Output {
  @discardableResult @inline(never)
  func put(_ shape: PictureShape) -> Output {
    put(shape.channels).put("×").put(shape.height).put("×").put(shape.width)
  }

  /// A refusal as a sentence: where, what, needed and given.
  @discardableResult @inline(never)
  func put(_ error: SpikeletError) -> Output {
    if error.index >= 0 { put(error.field.owner).put(" ").put(error.index).put(": ") }
    put(error.field.text).put(" ").put(error.reason.text)
    switch error.reason {
    case .wrongMagic, .overlap, .arenaMisaligned, .misaligned, .overflow, .outOfBounds: break
    case .wrongChecksum:
      put(" (written ").put(hex: UInt32(truncatingIfNeeded: error.needed), isPadded: false)
        .put(", found ").put(hex: UInt32(truncatingIfNeeded: error.given), isPadded: false)
        .put("); copy the file again")
    default: put(": needed ").put(error.needed).put(", given ").put(error.given)
    }
    return self
  }
}
