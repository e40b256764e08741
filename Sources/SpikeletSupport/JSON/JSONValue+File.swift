import Foundation

extension JSONValue {
  /// The document in a file.
  ///
  /// - Parameters:
  ///   - what: What the file should be, such as "a configuration".
  ///   - key: What names the file in messages: a key of a configuration, an option.
  ///   - advice: What to do where the file is missing or damaged.
  public static func read(
    _ url: URL, as what: String, key: String, advice: String = ""
  ) throws(Diagnostics) -> JSONValue {
    let bytes: [UInt8]
    do {
      bytes = try InputFile.read(url.path, limit: JSONParser.maximumBytes)
    } catch {
      throw error.diagnostics(key, advice: advice)
    }
    return try parse(bytes, file: url.path, as: what, advice: advice)
  }

  /// The document in the bytes of a file.
  public static func parse(
    _ bytes: [UInt8], file: String, as what: String, advice: String = ""
  ) throws(Diagnostics) -> JSONValue {
    do {
      return try JSONParser.parse(bytes)
    } catch {
      throw Diagnostics(
        "\(file): not \(what)",
        [Problem(error.location, "is not valid JSON: \(error.reason)", advice: advice)])
    }
  }
}
