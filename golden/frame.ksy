meta:
  id: frame
  title: A frame of a Python UDF, or the envelope of an extension codec
  license: Apache-2.0
  ks-version: 0.9
  endian: le
doc: |
  The bytes in which DataFusion's Python package ships a Python UDF. They are the value of a field
  of a protobuf message; `offset` and `size` of a record in manifest.json say where they are in a
  file. README.md beside this file describes the payload.
seq:
  - id: magic
    type: str
    size: 7
    encoding: ASCII
    valid:
      any-of: ['"DFPYUDF"', '"DFPYUDA"', '"DFPYUDW"', '"DFPYCHN"']
    doc: DFPYUDF scalar, DFPYUDA aggregate, DFPYUDW window, DFPYCHN envelope.
  - id: body
    type:
      switch-on: magic
      cases:
        '"DFPYCHN"': envelope
        _: udf
types:
  udf:
    doc: What follows the magic of a scalar, an aggregate or a window UDF.
    seq:
      - id: version
        type: u1
        doc: The wire version. Released engines write and read 1.
      - id: python_major
        type: u1
      - id: python_minor
        type: u1
        doc: The sender's Python. A receiver on another minor version refuses the frame.
      - id: payload
        size-eos: true
        doc: One pickle. Unpickling it runs code.
  envelope:
    doc: What follows the magic of an envelope (engine 55 and later).
    seq:
      - id: version
        type: u1
        doc: The version of the envelope. Released engines write and read 1.
      - id: len_codec_id
        type: u4
      - id: codec_id
        type: str
        size: len_codec_id
        encoding: UTF-8
        doc: The codec that wrote the payload and that reads it.
      - id: payload
        size-eos: true
        doc: Whatever that codec wrote.
    instances:
      inner_magic:
        pos: 12 + len_codec_id
        size: 7
        if: payload.size >= 7
      inner:
        pos: 12 + len_codec_id
        size-eos: true
        type: frame
        if: >-
          payload.size >= 7 and (
            inner_magic == [0x44, 0x46, 0x50, 0x59, 0x55, 0x44, 0x46]
            or inner_magic == [0x44, 0x46, 0x50, 0x59, 0x55, 0x44, 0x41]
            or inner_magic == [0x44, 0x46, 0x50, 0x59, 0x55, 0x44, 0x57]
            or inner_magic == [0x44, 0x46, 0x50, 0x59, 0x43, 0x48, 0x4e]
          )
        doc: The frame or the envelope in the payload, if it begins with one of the magics.
