"""Names after which a number must have a unit: laboratory values and drugs."""

# Units of these differ between countries, and the same number means another thing in each.
DIFFERING_VALUES = """
creatinine, urea, bun, glucose, blood sugar, blood glucose, haemoglobin, hemoglobin, hb, hgb, crp, c-reactive protein,
lactate, calcium, magnesium, phosphate, troponin, hba1c, a1c, ferritin, albumin, bilirubin, d-dimer, bnp, nt-probnp,
paracetamol level, digoxin level, lithium level, vancomycin level, uric acid, urate, cortisol, ammonia, fibrinogen,
psa, ldl, hdl, ldl-cholesterol, cholesterol, triglycerides, procalcitonin, temperature, weighs, vitamin d level, free
t4, pth, parathyroid hormone
"""
# These read the same in every customary unit: mmol/L and mEq/L, 10^9/L and thousands per microlitre, U/L, mU/L, %.
ALIKE_VALUES = """
potassium, sodium, bicarbonate, platelets, platelet count, white cells, white cell count, white count, wcc, wbc,
neutrophils, neutrophil count, leucocytes, leukocytes, lymphocytes, eosinophils, alt, ast, alp, ggt, tsh, creatine
kinase, ck, lipase, amylase, spo2, saturation, osmolality
"""
DRUGS = """
furosemide, frusemide, metformin, warfarin, aspirin, paracetamol, acetaminophen, naproxen, digoxin, amiodarone,
morphine, codeine, tramadol, fentanyl, oxycodone, heparin, insulin, levothyroxine, lithium, methotrexate,
hydrocortisone, dexamethasone, methylprednisolone, adrenaline, epinephrine, noradrenaline, atropine, labetalol,
carvedilol, midazolam, haloperidol, adenosine, clopidogrel, ticagrelor, allopurinol, colchicine, azathioprine,
gabapentin, pregabalin, valproate, phenytoin, levetiracetam, lamotrigine, quetiapine, sertraline, citalopram,
escitalopram, venlafaxine, mirtazapine, amitriptyline, salbutamol, spironolactone, bumetanide, ramipril, ketamine,
propofol, suxamethonium, rocuronium, tacrolimus, ciclosporin, mycophenolate, nitrofurantoin, trimethoprim,
metronidazole, linezolid, meropenem, ceftriaxone, cefotaxime, cefalexin, gentamicin, isoniazid, rifampicin,
ethambutol, pyrazinamide, hydroxychloroquine, sildenafil, tamoxifen, letrozole, ondansetron, metoclopramide,
domperidone, hydralazine, glyceryl trinitrate, isosorbide, ivabradine, naloxone, flumazenil, acetylcysteine,
enoxaparin, dalteparin, tinzaparin, methadone, buprenorphine
"""
# International nonproprietary names end in their class (WHO, Use of stems, 2018); those of English words left out.
DRUG_STEMS = """
pril sartan olol dipine vastatin conazole prazole thromycin cillin floxacin cycline xaban gatran gliptin gliflozin
glutide azepam zolam triptan setron thiazide semide dronate ciclovir profen nisolone oxetine idone zepine morphone
"""
