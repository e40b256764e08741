/// Which kernels can run a connection, and what each needs: the compiler chooses with these functions,
/// and the loader checks with them.
extension RecordSource where Self: ~Escapable {
  /// Whether a kernel of this build can run a connection, whose kind and window are valid.
  package func suits(
    _ kernel: SynapseKernel, _ c: ConnectionRecord, of layer: NeuronRecord
  ) -> Bool {
    let isConvolution = c.kind == ConnectionKind.convolution.rawValue
    guard kernel == .gather || c.listRows == 0 else { return false }
    if kernel == .scatter { return true }
    guard kernel.isBuilt, isConvolution ? c.window.groups == 1 : kernel == .gather else {
      return false
    }
    switch kernel {
    case .scatter: return true
    case .gather:
      guard isConvolution || c.kind == ConnectionKind.dense.rawValue else { return false }
      #if SPIKELET_WITHOUT_GATHER
        return false
      #else
        return !isDirect(c) && c.weightBits <= 8 && c.listRows >= 1 && c.listRows <= c.pooledHeight
          && spikeList(c, of: layer).fits
      #endif
    case .pictureBlocks:
      #if SPIKELET_WITHOUT_PICTURE_BLOCKS
        return false
      #else
        return isPlainPicture(c) && pictureRows(c, of: layer).fits
      #endif
    case .grayLines:
      #if SPIKELET_WITHOUT_GRAY_LINES
        return false
      #else
        return isPlainPicture(c) && c.window.strideHeight == 1 && c.window.strideWidth == 1
          && header.inputChannels == 1
          && (Size(c.window.width) * paddedSize(layer.channels)).fits(
            Int32(truncatingIfNeeded: WeightLayout.grayLanes))
      #endif
    }
  }

  /// The rows of its source that a gather lists at a time so that a line of outputs has all of its: those
  /// of the kernel. With fewer it adds row by row.
  package func usualListRows(_ c: ConnectionRecord) -> Int32 {
    c.kind == ConnectionKind.dense.rawValue ? c.pooledHeight : min(c.window.height, c.pooledHeight)
  }

  /// Whether a connection reads pixels, not sums of them, and has weights of 8 bits.
  private func isPlainPicture(_ c: ConnectionRecord) -> Bool {
    isDirect(c) && c.weightBits == 8 && PoolView(c).isIdentity
  }

  /// The scratch of one connection's kernel, which can run it.
  package func scratchBytes(_ c: ConnectionRecord, of layer: NeuronRecord) -> Size {
    switch SynapseKernel(rawValue: c.kernel) {
    case .gather:
      #if !SPIKELET_WITHOUT_GATHER
        return spikeList(c, of: layer).size
      #endif
    case .pictureBlocks:
      #if !SPIKELET_WITHOUT_PICTURE_BLOCKS
        return pictureRows(c, of: layer).size
      #endif
    case .scatter, .grayLines, nil: break
    }
    return Size(Int32(0))
  }
}

#if !SPIKELET_WITHOUT_GATHER

  extension RecordSource where Self: ~Escapable {
    /// The list of a connection's source: of all rows, or a ring of some.
    func spikeList(_ c: ConnectionRecord, of layer: NeuronRecord) -> SpikeList {
      let layout = weightLayout(c, of: layer.layer).gather
      let (height, width) = (Int(c.pooledHeight), Int(c.pooledWidth))
      let isDense = c.kind == ConnectionKind.dense.rawValue
      let left = isDense ? 0 : Int(c.window.paddingLeft)
      let last = isDense ? 0 : Int(layer.width &- 1) &* Int(c.window.strideWidth)
      return SpikeList(
        layout, height: height, width: width, left: left,
        right: max(0, last &- left &+ layout.kernelWidth &- width),
        area: Int(c.poolHeight) &* Int(c.poolWidth), rows: Int(c.listRows))
    }

    /// The gather of a connection for one tile.
    func gather(_ c: ConnectionRecord, of layer: NeuronRecord, _ tile: Tile) -> Gather {
      let isDense = c.kind == ConnectionKind.dense.rawValue
      let (strideHeight, strideWidth) = (
        isDense ? 1 : Int(c.window.strideHeight), isDense ? 1 : Int(c.window.strideWidth)
      )
      return Gather(
        layout: weightLayout(c, of: layer.layer).gather, list: spikeList(c, of: layer),
        strideHeight: strideHeight, strideWidth: strideWidth,
        top: Int(c.window.paddingTop) &- tile.top &* strideHeight,
        left: Int(c.window.paddingLeft) &- tile.left &* strideWidth, outputHeight: tile.height,
        outputWidth: tile.width)
    }
  }

#endif

#if !SPIKELET_WITHOUT_PICTURE_BLOCKS

  extension RecordSource where Self: ~Escapable {
    /// The rows of a picture under the first tile of a layer: no tile has more windows.
    func pictureRows(_ c: ConnectionRecord, of layer: NeuronRecord) -> PictureRows {
      pictureBlocks(c, of: layer, Tile(layer, top: 0, left: 0)).rows
    }

    /// The sums of pixels of one tile.
    func pictureBlocks(
      _ c: ConnectionRecord, of layer: NeuronRecord, _ tile: Tile
    ) -> PictureBlocks {
      let w = c.window
      return PictureBlocks(
        rows: PictureRows(
          channels: Int(header.inputChannels), height: Int(header.inputHeight),
          width: Int(header.inputWidth), kernelHeight: Int(w.height), kernelWidth: Int(w.width),
          stride: Int(w.strideWidth),
          left: Int(w.paddingLeft) &- tile.left &* Int(w.strideWidth), windows: tile.width),
        strideHeight: Int(w.strideHeight),
        top: Int(w.paddingTop) &- tile.top &* Int(w.strideHeight), outputHeight: tile.height,
        outputChannels: Int(layer.channels))
    }
  }

#endif

#if !SPIKELET_WITHOUT_GRAY_LINES

  extension RecordSource where Self: ~Escapable {
    /// The sums of gray pixels of one tile.
    func grayLines(
      _ c: ConnectionRecord, of layer: NeuronRecord, _ tile: Tile, zeroPoint: UInt8
    ) -> GrayLines {
      GrayLines(
        height: Int(header.inputHeight), width: Int(header.inputWidth),
        kernelHeight: Int(c.window.height), kernelWidth: Int(c.window.width),
        top: Int(c.window.paddingTop) &- tile.top, left: Int(c.window.paddingLeft) &- tile.left,
        outputHeight: tile.height, outputWidth: tile.width,
        outputChannels: padded(Int(layer.channels)), zeroPoint: zeroPoint)
    }
  }

#endif
