import SpikeletRuntime

/// A model file whose words can be changed, sealed again with a right checksum, and opened.
package struct EditableModel {
  package var bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package var header: ModelHeader {
    get { load(0) }
    set { store(newValue, 0) }
  }

  /// What a layer's record begins with.
  package subscript(layer index: Int) -> LayerRecord {
    get { load(layerOffset(index)) }
    set { store(newValue, layerOffset(index)) }
  }

  package subscript(neurons index: Int) -> NeuronRecord {
    get { load(layerOffset(index)) }
    set { store(newValue, layerOffset(index)) }
  }

  package subscript(pool index: Int) -> MaxPoolRecord {
    get { load(layerOffset(index)) }
    set { store(newValue, layerOffset(index)) }
  }

  private func layerOffset(_ index: Int) -> Int {
    Int(header.layersOffset) + index * MemoryLayout<NeuronRecord>.size
  }

  package subscript(connection index: Int) -> ConnectionRecord {
    get { load(Int(header.connectionsOffset) + index * MemoryLayout<ConnectionRecord>.size) }
    set {
      store(newValue, Int(header.connectionsOffset) + index * MemoryLayout<ConnectionRecord>.size)
    }
  }

  package subscript(buffer index: Int) -> BufferRecord {
    get { load(Int(header.buffersOffset) + index * MemoryLayout<BufferRecord>.size) }
    set { store(newValue, Int(header.buffersOffset) + index * MemoryLayout<BufferRecord>.size) }
  }

  /// Sets one channel's value of a per-channel parameter; the biases have 32 bits.
  package mutating func set(
    _ parameter: KeyPath<NeuronRecord, Int32>, layer index: Int, channel: Int, to value: Int
  ) {
    let record = self[neurons: index]
    let start = Int(header.parametersOffset) + Int(record[keyPath: parameter])
    if record.membraneBits == 16 && parameter != \NeuronRecord.biasesOffset {
      store(Int16(value), start + channel * 2)
    } else {
      store(Int32(value), start + channel * 4)
    }
  }

  package mutating func setZeroPoint(channel: Int, to value: Int32) {
    store(value, Int(header.parametersOffset) + Int(header.zeroPointsOffset) + channel * 4)
  }

  /// Writes the size and the checksum that the bytes have now.
  package mutating func seal() {
    var header = self.header
    header.totalBytes = Int32(bytes.count)
    var checksum = CRC32()
    checksum.update(bytes.span.extracting(16...))
    header.checksum = checksum.value
    self.header = header
  }

  /// What opening the bytes, as they are, throws.
  package var error: SpikeletError? {
    do {
      _ = try Model(bytes.span.bytes)
      return nil
    } catch {
      return error
    }
  }

  /// Seals the file with the bounds that the loader proves, layer by layer: a bound that cannot be
  /// right makes it say what it needs, the lowest first.
  package mutating func sealWithRightBounds() {
    for index in 0..<Int(header.layerCount)
    where self[layer: index].kind == LayerKind.neurons.rawValue {
      self[neurons: index].lowestPotential = Int32.max
      seal()
      guard let error, error.field == .potentialBound, error.reason == .mismatch else { return }
      self[neurons: index].lowestPotential = error.neededWord
      self[neurons: index].highestPotential = Int32.min
      seal()
      self[neurons: index].highestPotential = self.error?.neededWord ?? 0
      seal()
    }
  }

  package func load<Value: BitwiseCopyable>(_ offset: Int) -> Value {
    bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
  }

  package mutating func store<Value: BitwiseCopyable>(_ value: Value, _ offset: Int) {
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
  }
}
