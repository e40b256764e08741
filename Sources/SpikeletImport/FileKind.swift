/// Files that people hand over in place of an ONNX file, by their first bytes.
enum FileKind {
  /// What a file is that is no ONNX file, and what to do with it; nil where nothing tells.
  static func describe(_ bytes: [UInt8]) -> (reason: String, hint: String)? {
    func starts(_ text: String, at offset: Int = 0) -> Bool {
      bytes.dropFirst(offset).starts(with: text.utf8)
    }
    if starts("version https://git-lfs") {
      return (
        "a Git LFS pointer, not the file that it stands for",
        "fetch it with `git lfs pull`, or download it from the project's page"
      )
    }
    if bytes.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) {
      return (
        "an HDF5 file, such as a Keras network (.h5)",
        "export it to ONNX: `python -m tf2onnx.convert` for Keras"
      )
    }
    if starts("TFL3", at: 4) {
      return (
        "a TensorFlow Lite file (.tflite)",
        "export the Keras network to ONNX, or convert it with `python -m tf2onnx.convert --tflite`"
      )
    }
    if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
      // The names of its members stand between their bytes.
      let head = String(decoding: bytes.prefix(4096), as: UTF8.self)
      if head.contains("model.weights.h5") || head.contains("metadata.json") {
        return (
          "a Keras archive (.keras)", "export it to ONNX, with model.export or tf2onnx"
        )
      }
      if head.contains(".npy") {
        return ("a NumPy archive (.npz)", "give the network's ONNX file")
      }
      return (
        "a ZIP archive, such as PyTorch's .pt and .pth files",
        "load it in PyTorch and export the network with torch.onnx.export, see docs/import.md"
      )
    }
    if bytes.count > 2, bytes[0] == 0x80, (2...5).contains(bytes[1]) {
      return (
        "a Python pickle, such as PyTorch's old .pt and .pth files",
        "load it in PyTorch and export the network with torch.onnx.export, see docs/import.md"
      )
    }
    if bytes.starts(with: [0x1F, 0x8B]) { return ("compressed with gzip", "unpack it first") }
    if bytes.starts(with: [0x93]), starts("NUMPY", at: 1) {
      return ("a NumPy array (.npy)", "give the network's ONNX file")
    }
    if starts("SPKL") {
      return ("a compiled model", "give the ONNX file that it was compiled from")
    }
    if bytes.count > 9, bytes[8] == 0x7B, bytes[3...7].allSatisfy({ $0 == 0 }) {
      return ("a safetensors file, weights without a network", "export the network to ONNX")
    }
    let text = bytes.prefix(256).drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    if text.first == 0x3C {
      return (
        "a web page or XML, perhaps what a server sent in place of the file", "download it again"
      )
    }
    if text.first == 0x7B || text.first == 0x5B {
      return ("JSON", "give the network's ONNX file")
    }
    return nil
  }
}
