/// Files that are no data, recognised so that a message can say what they are.
enum FileKind {
  /// The refusal of a file that begins with these bytes; nil where nothing is known against it.
  static func refusal(_ start: [UInt8]) -> DatasetError? {
    if start.starts(with: Array("version https://git-lfs.github.com/spec/".utf8)) {
      return DatasetError(
        .unusable(
          reason: "is a Git LFS pointer, not the data itself",
          remedy: "fetch the data with: git lfs pull"))
    }
    let known: [(bytes: [UInt8], name: String, remedy: String)] = [
      (
        [0x89, 0x48, 0x44, 0x46], "an HDF5 file (.h5)",
        "save its arrays with numpy.savez(\"data.npz\", x=images, y=labels)"
      ),
      (
        [0x80, 0x02], "a Python pickle",
        "save its arrays with numpy.savez(\"data.npz\", x=images, y=labels)"
      ),
      (
        [0x80, 0x04], "a Python pickle",
        "save its arrays with numpy.savez(\"data.npz\", x=images, y=labels)"
      ),
      (Array("PAR1".utf8), "a Parquet file", "write its pictures as PNG files or an .npz"),
      ([0x37, 0x7A, 0xBC, 0xAF], "a 7z archive", "unpack it"),
      (Array("%PDF".utf8), "a PDF file", "choose a file of pictures"),
      (Array("SPKL".utf8), "a Spikelet model", "give the pictures, not the model"),
    ]
    for (bytes, name, remedy) in known where start.starts(with: bytes) {
      return DatasetError(.unusable(reason: "is \(name), not pictures", remedy: remedy))
    }
    return nil
  }
}
