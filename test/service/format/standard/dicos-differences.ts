/** A line of dciodvfy about a DICOS DX that is relabelled as medical DX, and why DICOS is different there. */
interface DicosDifference {
  readonly line: RegExp;
  readonly because: string;
}

const missing = (type: string, element: string, module: string, because: string): DicosDifference => ({
  line: new RegExp(`^Error - Missing attribute Type ${type} .*Element=<${element}> Module=<${module}>`),
  because,
});
const value = (attribute: string, values: string, because: string): DicosDifference => ({
  line: new RegExp(
    `^Error - Unrecognized enumerated value <(${values})> for value \\d of attribute <${attribute}>`,
  ),
  because,
});
const unknown = (tag: string, name: string): DicosDifference => ({
  line: new RegExp(`not a recognized standard attribute - \\(${tag}\\)`),
  because: `${name} is an attribute of DICOS alone`,
});

const noPerson = 'DICOS inspects an object that has an ID, no name, birth date or sex';
const noMedicalStudy = 'DICOS has no physician and no accession';
const noAnatomy = 'a container has no side, no anatomy and no orientation of a body';
const oneGreyFrame =
  'medical DX is one unsigned grey frame of 6 to 16 bits; DICOS keeps what the scanner wrote';
const float = 'float samples have no integer attributes and lie in (7FE0,0008) or (7FE0,0009)';

export const dicosDifferences: readonly DicosDifference[] = [
  missing('2', 'PatientName', 'Patient', noPerson),
  missing('2', 'PatientBirthDate', 'Patient', noPerson),
  missing('2', 'PatientSex', 'Patient', noPerson),
  {
    line: /number of Items 0 .*Element=<OtherPatientIDsSequence>/,
    because: 'DICOS toolkits write it empty where there is no other ID',
  },
  {
    line: /Value Multiplicity .*Element=<OtherPatientIDsSequence>/,
    because: 'the same empty sequence, said twice',
  },
  missing('2', 'ReferringPhysicianName', 'GeneralStudy', noMedicalStudy),
  missing('2', 'AccessionNumber', 'GeneralStudy', noMedicalStudy),
  missing('2', 'SeriesNumber', 'GeneralSeries', 'DICOS numbers views and energies instead'),
  missing('2C', 'Laterality', 'GeneralSeries', noAnatomy),
  missing('2C', 'PatientOrientation', 'GeneralImage', noAnatomy),
  missing('2C', 'AnatomicRegionSequence', 'GeneralImage', noAnatomy),
  missing('1', 'ImageLaterality', 'DXAnatomyImaged', noAnatomy),
  missing('2', 'AnatomicRegionSequence', 'GeneralAnatomyRequiredMacro', noAnatomy),
  missing('1C', 'PatientOrientation', 'DXImage', noAnatomy),
  missing(
    '1',
    'PixelIntensityRelationship',
    'DXImage',
    'whether other values than transmission are linear is not known, and none is made up',
  ),
  missing('1', 'PixelIntensityRelationshipSign', 'DXImage', 'classes have no intensity'),
  value('Rescale Intercept', '0x8000', 'the offset of signed samples is taken off again'),
  missing('1', 'ImagerPixelSpacing', 'DXDetector', 'optional in DICOS, and most scanners do not state it'),
  value('Image Type', 'HIGH ENERGY|LOW ENERGY|INTENSITY', 'DICOS names the energy there'),
  unknown('0x0008,0x2108', 'coordinate system'),
  unknown('0x4300,0x0902', 'effective energy'),
  unknown('0x6100,0x0024', 'series view'),
  unknown('0x6100,0x0026', 'description of the view'),
  unknown('0x6100,0x0028', 'number of views'),
  unknown('0x6100,0x0030', 'series energy'),
  unknown('0x6100,0x0031', 'description of the energy'),
  unknown('0x6100,0x0032', 'number of energies'),
  value('Photometric Interpretation', 'PALETTE COLOR', 'DICOS shows classes in colours'),
  value('Number of Frames', '0x[0-9a-f]+', oneGreyFrame),
  value('Bits Allocated', '0x[0-9a-f]+', oneGreyFrame),
  missing('1C', '(VOILUTSequence|WindowCenter)', 'DXImage', 'colour is looked at as it is, without a window'),
  missing('1', '(BitsStored|HighBit|PixelRepresentation)', 'ImagePixelDescriptionMacro', float),
  missing('1', '(BitsStored|HighBit|PixelRepresentation)', 'DXImage', float),
  missing('1C', 'PixelData', 'ImagePixel', float),
];
